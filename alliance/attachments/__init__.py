"""Files that belong to posts: images made safe, documents as downloads, private where the post is private."""
