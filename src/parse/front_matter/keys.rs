//! The keys of front matter: ours, and what other generators call the same.

/// The keys that are read, in the order of the manual.
pub(super) const KEYS: &[&str] = &[
    "title",
    "date",
    "updated",
    "draft",
    "slug",
    "description",
    "tags",
    "series",
    "season",
    "episode",
    "episode_type",
    "audio",
    "audio_length",
    "audio_type",
    "duration",
    "image",
    "hosts",
    "guests",
    "speakers",
    "explicit",
    "lang",
    "original",
    "aliases",
    "guid",
    "listen",
    "synthetic",
    "block",
    "license",
    "location",
    "soundbites",
    "funding",
    "content_links",
    "alternate_enclosures",
    "social_interact",
    "txt",
    "menu",
];

/// Keys of other generators that mean nothing here and are no slip of the pen.
pub(super) fn is_ignored(name: &str) -> bool {
    matches!(
        name,
        "weight"
            | "layout"
            | "template"
            | "type"
            | "show"
            | "toc"
            | "math"
            | "page_template"
            | "params"
            | "in_search_index"
            | "authors_template"
            | "comments"
            | "featured"
            | "pin"
            | "pinned"
            | "expirydate"
            | "expiry_date"
            | "expires"
            | "cascade"
            | "outputs"
            | "markup"
            | "keywords"
            | "linktitle"
            | "link_title"
            | "iscjklanguage"
            | "headless"
            | "sitemap"
            | "resources"
            | "build"
            | "_build"
            | "images"
            | "videos"
            | "css"
            | "js"
            | "reading_time"
            | "hidden"
            | "showtoc"
            | "tocopen"
            | "disableshare"
            | "sort_by"
            | "paginate_by"
            | "insert_anchor_links"
            | "generate_feeds"
            | "id"
            | "uuid"
            | "version"
            | "copyright"
            | "head"
            | "robots"
            | "noindex"
            | "canonicalurl"
            | "canonical_url"
            | "links"
            | "chapters"
            | "transcript"
            | "notes"
            | "sponsors"
            | "related"
            | "number_of_pages"
    )
}

/// The day on which other generators withdraw a page, as we do not.
pub(super) fn is_expiry(name: &str) -> bool {
    matches!(name, "expirydate" | "expiry_date" | "expires")
}

/// The key of ours that a name stands for.
pub(super) fn canonical(name: &str) -> Option<&'static str> {
    let key = match name {
        "podcast_file" | "podcast" | "media" | "enclosure" | "audio_url" | "audio_file" | "mp3" | "file" => "audio",
        "podcast_bytes" | "bytes" | "length" | "file_size" | "filesize" => "audio_length",
        "mime" | "mime_type" | "media_type" => "audio_type",
        "podcast_duration" | "podcast_length" | "itunes_duration" => "duration",
        "authors" | "author" | "speaker" | "people" | "participants" => "speakers",
        "host" => "hosts",
        "guest" => "guests",
        "language" | "locale" => "lang",
        "subtitle" | "summary" | "excerpt" | "abstract" => "description",
        "categories" | "category" | "topics" | "topic" | "tag" => "tags",
        "number" | "episode_number" | "episodenumber" | "podcast_episode" | "no" => "episode",
        "season_number" | "podcast_season" => "season",
        "episodetype" => "episode_type",
        "cover" | "artwork" | "cover_image" | "thumbnail" | "featured_image" | "art" => "image",
        "lastmod" | "modified" | "last_modified" => "updated",
        "pubdate" | "pub_date" | "publishdate" | "publish_date" | "published_at" => "date",
        "alias" | "redirect_from" => "aliases",
        "listen_url" => "listen",
        "licence" => "license",
        "locations" => "location",
        "soundbite" => "soundbites",
        "content_link" => "content_links",
        "alternate_enclosure" => "alternate_enclosures",
        "render" => "published",
        "published" => "published",
        "status" => "status",
        _ => return KEYS.iter().find(|key| **key == name).copied(),
    };
    Some(key)
}
