"""Every room: its pages, and what it registers."""

from __future__ import annotations

from alliance.accounts import api as accounts_api
from alliance.accounts import devices as accounts_devices
from alliance.accounts import key_views as accounts_keys
from alliance.accounts import models as accounts_models
from alliance.accounts import oidc_views as accounts_oidc
from alliance.accounts import steps as accounts_steps
from alliance.accounts import views as accounts_views
from alliance.attachments import api as attachments_api
from alliance.attachments import cleaning as attachments_cleaning
from alliance.attachments import models as attachments_models
from alliance.attachments import views as attachments_views
from alliance.curating import api as curating_api
from alliance.curating import closed as curating_closed
from alliance.curating import handlers as curating_handlers
from alliance.curating import models as curating_models
from alliance.curating import shown as curating_shown
from alliance.curating import topic_api as curating_topic_api
from alliance.curating import topic_pages as curating_topic_pages
from alliance.curating import views as curating_views
from alliance.digests import api as digests_api
from alliance.digests import desk as digests_desk
from alliance.digests import models as digests_models
from alliance.digests import outgoing as digests_outgoing
from alliance.digests import scheduling as digests_scheduling
from alliance.digests import talk as digests_talk
from alliance.digests import views as digests_views
from alliance.discussions import activity as discussions_activity
from alliance.discussions import api as discussions_api
from alliance.discussions import assisting as discussions_assisting
from alliance.discussions import attaching as discussions_attaching
from alliance.discussions import attributed as discussions_attributed
from alliance.discussions import balance as discussions_balance
from alliance.discussions import contributions as discussions_contributions
from alliance.discussions import feeds as discussions_feeds
from alliance.discussions import handlers as discussions_handlers
from alliance.discussions import lists as discussions_lists
from alliance.discussions import models as discussions_models
from alliance.discussions import replying as discussions_replying
from alliance.discussions import saying as discussions_saying
from alliance.discussions import topic_models as discussions_topic_models
from alliance.discussions import views as discussions_views
from alliance.discussions import whole as discussions_whole
from alliance.discussions import writing as discussions_writing
from alliance.drafts import api as drafts_api
from alliance.drafts import models as drafts_models
from alliance.drafts import views as drafts_views
from alliance.groups import api as groups_api
from alliance.groups import api_charters as groups_charters
from alliance.groups import api_groups as groups_programs
from alliance.groups import models as groups_models
from alliance.groups import shown as groups_shown
from alliance.groups import taking_part as groups_taking_part
from alliance.groups import views as groups_views
from alliance.library import api as library_api
from alliance.library import models as library_models
from alliance.library import shown as library_shown
from alliance.library import views as library_views
from alliance.mailing import figures as mailing_figures
from alliance.mailing import group_mail as mailing_group_mail
from alliance.mailing import handlers as mailing_handlers
from alliance.mailing import mailbox as mailing_mailbox
from alliance.mailing import models as mailing_models
from alliance.mailing import reviewing as mailing_reviewing
from alliance.mailing import shown as mailing_shown
from alliance.mailing import views as mailing_views
from alliance.mailing import weekly as mailing_weekly
from alliance.moderation import api as moderation_api
from alliance.moderation import appealing as moderation_appealing
from alliance.moderation import appointing_pages as moderation_appointing_pages
from alliance.moderation import by_mail_pages as moderation_by_mail_pages
from alliance.moderation import confiding_pages as moderation_confiding_pages
from alliance.moderation import configuring as moderation_configuring
from alliance.moderation import handlers as moderation_handlers
from alliance.moderation import judging as moderation_judging
from alliance.moderation import judging_api as moderation_judging_api
from alliance.moderation import lines_pages as moderation_lines_pages
from alliance.moderation import models as moderation_models
from alliance.moderation import moving as moderation_moving
from alliance.moderation import options as moderation_options
from alliance.moderation import published as moderation_published
from alliance.moderation import reviewing as moderation_reviewing
from alliance.moderation import statistics as moderation_statistics
from alliance.moderation import steering_api as moderation_steering_api
from alliance.moderation import steering_pages as moderation_steering_pages
from alliance.moderation import views as moderation_views
from alliance.moderation import waiting as moderation_waiting
from alliance.moderation import watched_pages as moderation_watched_pages
from alliance.notifications import api as notifications_api
from alliance.notifications import handlers as notifications_handlers
from alliance.notifications import models as notifications_models
from alliance.notifications import shown as notifications_shown
from alliance.notifications import views as notifications_views
from alliance.polls import api as polls_api
from alliance.polls import models as polls_models
from alliance.polls import shown as polls_shown
from alliance.polls import views as polls_views
from alliance.privacy import handlers as privacy_handlers
from alliance.privacy import models as privacy_models
from alliance.privacy import views as privacy_views
from alliance.proceedings import api as proceedings_api
from alliance.proceedings import consensus as proceedings_consensus
from alliance.proceedings import milestone_views as proceedings_milestone_views
from alliance.proceedings import models as proceedings_models
from alliance.proceedings import shown as proceedings_shown
from alliance.proceedings import views as proceedings_views
from alliance.reading import api as reading_api
from alliance.reading import handlers as reading_handlers
from alliance.reading import models as reading_models
from alliance.reading import shown as reading_shown
from alliance.reading import views as reading_views
from alliance.realtime import api as realtime_api
from alliance.realtime import figures as realtime_figures
from alliance.realtime import models as realtime_models
from alliance.realtime import views as realtime_views
from alliance.search import api as search_api
from alliance.search import figures as search_figures
from alliance.search import handlers as search_handlers
from alliance.search import saved as saved_searches
from alliance.search import views as search_views
from alliance.signals import api as signals_api
from alliance.signals import models as signals_models
from alliance.signals import shown as signals_shown
from alliance.signals import views as signals_views
from alliance.stakeholders import api as stakeholders_api
from alliance.stakeholders import models as stakeholders_models
from alliance.stakeholders import views as stakeholders_views
from alliance.watching import api as watching_api
from alliance.watching import handlers as watching_handlers
from alliance.watching import models as watching_models
from alliance.watching import shown as watching_shown
from alliance.watching import views as watching_views
from alliance.web import admin, assets, figures, offline, openapi, scripts
from alliance.web import models as web_models
from alliance.web import views as web_views

# The pages of every room.
BLUEPRINTS = (
    web_views.bp,
    figures.bp,
    assets.bp,
    admin.bp,
    scripts.bp,
    offline.bp,
    accounts_views.bp,
    stakeholders_views.bp,
    groups_views.bp,
    drafts_views.bp,
    attachments_views.bp,
    discussions_views.bp,
    reading_views.bp,
    signals_views.bp,
    polls_views.bp,
    proceedings_views.bp,
    library_views.bp,
    watching_views.bp,
    moderation_views.bp,
    curating_views.bp,
    digests_views.bp,
    search_views.bp,
    saved_searches.bp,
    notifications_views.bp,
    mailing_views.bp,
    privacy_views.bp,
    realtime_views.bp,
)

# Imported for what they register: tables, listeners, jobs, operations of the API.
REGISTERED = (
    web_models,
    openapi,
    accounts_models,
    accounts_devices,
    accounts_keys,
    accounts_oidc,
    accounts_steps,
    accounts_api,
    stakeholders_models,
    stakeholders_api,
    groups_models,
    groups_taking_part,
    groups_shown,
    groups_api,
    groups_programs,
    groups_charters,
    drafts_models,
    drafts_api,
    attachments_models,
    attachments_api,
    attachments_cleaning,
    discussions_models,
    discussions_topic_models,
    discussions_attaching,
    discussions_activity,
    discussions_lists,
    discussions_writing,
    discussions_attributed,
    discussions_assisting,
    discussions_balance,
    discussions_contributions,
    discussions_handlers,
    discussions_replying,
    discussions_saying,
    discussions_whole,
    discussions_feeds,
    discussions_api,
    reading_models,
    reading_handlers,
    reading_shown,
    reading_api,
    signals_models,
    signals_shown,
    signals_api,
    proceedings_models,
    proceedings_consensus,
    proceedings_milestone_views,
    proceedings_shown,
    proceedings_api,
    library_models,
    library_shown,
    library_api,
    polls_models,
    polls_shown,
    polls_api,
    watching_models,
    watching_handlers,
    watching_shown,
    watching_api,
    moderation_models,
    moderation_options,
    moderation_handlers,
    moderation_reviewing,
    moderation_appealing,
    moderation_moving,
    moderation_steering_pages,
    moderation_confiding_pages,
    moderation_lines_pages,
    moderation_appointing_pages,
    moderation_statistics,
    moderation_steering_api,
    moderation_judging,
    moderation_judging_api,
    moderation_published,
    moderation_waiting,
    moderation_configuring,
    moderation_by_mail_pages,
    moderation_watched_pages,
    moderation_api,
    curating_models,
    curating_handlers,
    curating_shown,
    curating_closed,
    curating_api,
    curating_topic_pages,
    curating_topic_api,
    digests_models,
    digests_desk,
    digests_talk,
    digests_outgoing,
    digests_scheduling,
    digests_api,
    notifications_models,
    notifications_api,
    notifications_handlers,
    notifications_shown,
    search_api,
    search_figures,
    search_handlers,
    mailing_models,
    mailing_figures,
    mailing_shown,
    mailing_group_mail,
    mailing_handlers,
    mailing_mailbox,
    mailing_reviewing,
    mailing_weekly,
    privacy_models,
    privacy_handlers,
    realtime_models,
    realtime_figures,
    realtime_api,
)
