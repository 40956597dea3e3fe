"""What the scripts of discussions and of forms of writing say."""

from __future__ import annotations

from alliance.core.i18n import lazy_gettext as _l
from alliance.web import words

words.say(
    new_reply=_l("New reply by %%s"),
    below=_l("New replies: %%s · show"),
    replies=_l("New replies: %%s"),
    locked=_l("This discussion was locked. What you have written can still be saved as a draft."),
    elsewhere=_l("There are new replies on another page."),
    changed=_l("This discussion was changed. Reload the page to see it."),
    reload=_l("Much has happened. Reload the page to see it."),
    folded=_l("Replies hidden: %%s"),
    show=_l("Show"),
    keys=_l("Keys:"),
    next_post=_l("next and previous post"),
    next_unread=_l("next and previous unread"),
)
words.say(
    saved=_l("Draft saved at %%s"),
    offline=_l("Not saved on the server yet; kept on this device."),
    signed_out=_l("You are signed out. What you write is kept on this device; publishing asks you to sign in, and keeps it."),
    sending=_l("Sending …"),
    newer=_l("A newer draft was saved elsewhere"),
    newer_more=_l("Nothing was overwritten. Yours is in the form; the newer one is this."),
    use_newer=_l("Use the newer one"),
    keep_mine=_l("Keep mine"),
    here_again=_l("Text you wrote on this device without a connection is here again."),
    toolbar=_l("Format the text"),
    bold=_l("Bold"),
    italic=_l("Italic"),
    quotation=_l("Quotation"),
    list=_l("List"),
    link=_l("Link"),
    code=_l("Code"),
    quote=_l("Quote"),
    suggestions=_l("Suggestions"),
    found=_l("%%s suggestions"),
)
