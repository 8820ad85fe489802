//! Where a site is deployed to: the tables `[deploy.NAME]` of `podleaf.toml`.

use crate::diagnostic::Diagnostic;
use crate::source::Span;
use crate::tree::{Entry, Node, Reader, Value, nearest};

use super::is_base_url;

/// A place that the site goes to.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Target {
    /// What people call it: letters, digits, `-` and `_`.
    pub name: String,
    /// What goes there.
    pub files: Files,
    /// What it is.
    pub kind: Kind,
}

/// What goes to a target.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Files {
    /// The output folder.
    Site,
    /// The recordings among the sources, which pages expect below `media_base_url`.
    Media,
}

/// What a target is. None of it holds a secret.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Kind {
    /// A bucket of S3 or of a store that speaks like it.
    S3(Bucket),
    /// A folder of this machine, relative to the site's folder.
    Folder {
        /// Where it is.
        path: String,
    },
    /// A folder of another machine, reached by the system's rsync.
    Rsync {
        /// As rsync takes it: `user@host:/srv/www/`.
        destination: String,
    },
    /// A branch, written by the system's git.
    Git {
        /// A remote of the repository that the site is in, or an address without a password.
        remote: String,
        /// Its name.
        branch: String,
        /// The host name that GitHub Pages and others serve it at.
        cname: Option<String>,
    },
    /// Another program.
    Command {
        /// A line for the shell, which finds the output folder as `$PODLEAF_OUTPUT`.
        command: String,
    },
}

/// A bucket.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Bucket {
    /// Its name.
    pub name: String,
    /// The address of the store; that of AWS where nothing is said.
    pub endpoint: Option<String>,
    /// The region that requests are signed for.
    pub region: Option<String>,
    /// The folder of the bucket that the site is in, without slashes at its ends; `""` for all of it.
    pub prefix: String,
    /// Whether the bucket is a part of the path of its address, and not of the host.
    pub path_style: bool,
}

const KINDS: [&str; 5] = ["s3", "folder", "rsync", "git", "command"];

/// The keys of each kind, beside `kind` and `files`; the first is needed.
const KEYS: [&[&str]; 5] = [
    &["bucket", "endpoint", "region", "prefix", "path_style"],
    &["path"],
    &["destination"],
    &["branch", "remote", "cname"],
    &["command"],
];

/// Reads the targets, in the order of the file. One with an error is left out.
pub(super) fn targets(reader: &mut Reader<'_>, node: &Node) -> Vec<Target> {
    let entries = reader.table("deploy", node);
    entries.iter().filter_map(|entry| target(reader, entry)).collect()
}

fn target(reader: &mut Reader<'_>, entry: &Entry) -> Option<Target> {
    let name = entry.key.value.clone();
    let is_plain = |c: char| c.is_ascii_alphanumeric() || matches!(c, '-' | '_');
    if name.is_empty() || name.len() > 40 || !name.chars().all(is_plain) || name.starts_with('-') {
        let message = "the name of a target is made of letters, digits, `-` and `_`";
        reader.error("bad-value", message, entry.key.span, "not such a name");
        return None;
    }
    let node = &entry.node;
    let entries = reader.table(&format!("deploy.{name}"), node);
    if entries.iter().any(|entry| refuses_secret(reader, entry)) {
        return None;
    }
    let find = |key: &str| entries.iter().find(|entry| entry.key.value == key).map(|entry| &entry.node);
    let kind_at = find("kind").map_or(entry.key.span, |node| node.span);
    let kind = find("kind").and_then(|node| reader.text("kind", node)).unwrap_or_default();
    let Some(idx) = KINDS.iter().position(|known| *known == kind) else {
        let message = format!("`deploy.{name}` needs a `kind`: {}", KINDS.map(|kind| format!("`{kind}`")).join(", "));
        let error = Diagnostic::error("bad-deploy", message).at(reader.file, kind_at, "none of these");
        let near = nearest(&kind, &KINDS).unwrap_or("folder");
        reader.diagnostics.push(error.help(format!("write `kind = \"{near}\"`")));
        return None;
    };
    let mut known = KEYS[idx].to_vec();
    known.extend(["kind", "files"]);
    for entry in entries {
        if !known.contains(&entry.key.value.as_str()) {
            reader.unknown(&entry.key, &known);
        }
    }
    let files = match find("files").and_then(|node| reader.spanned("files", node)) {
        Some(files) if files.value == "media" && matches!(kind.as_str(), "git" | "command") => {
            reader.error("bad-deploy", format!("`{kind}` takes the whole site"), files.span, "not for this kind");
            return None;
        }
        Some(files) if files.value == "media" => Files::Media,
        Some(files) if files.value != "site" => {
            reader.error("bad-value", "`files` takes `site` or `media`", files.span, "none of these");
            return None;
        }
        _ => Files::Site,
    };
    let path_style = find("path_style").and_then(|node| reader.boolean("path_style", node)).unwrap_or(false);
    let mut text = |key: &str| find(key).and_then(|node| reader.text(key, node));
    let kind = match idx {
        0 => text("bucket").map(|name| {
            let (endpoint, region, prefix) = (text("endpoint"), text("region"), text("prefix").unwrap_or_default());
            Kind::S3(Bucket { name, endpoint, region, prefix: prefix.trim_matches('/').to_owned(), path_style })
        }),
        1 => text("path").map(|path| Kind::Folder { path }),
        2 => text("destination").map(|destination| Kind::Rsync { destination }),
        3 => text("branch").map(|branch| {
            let (remote, cname) = (text("remote").unwrap_or_else(|| "origin".to_owned()), text("cname"));
            Kind::Git { remote, branch, cname }
        }),
        _ => text("command").map(|command| Kind::Command { command }),
    };
    let Some(kind) = kind else {
        let key = KEYS[idx][0];
        let error = Diagnostic::error("bad-deploy", format!("`deploy.{name}` needs a `{key}`"))
            .at(reader.file, entry.key.span, "nothing says where")
            .help(format!("write `{key} = \"{}\"` below `[deploy.{name}]`", EXAMPLES[idx]));
        reader.diagnostics.push(error);
        return None;
    };
    if let Some((key, fix)) = fault(&kind) {
        let span = find(key).map_or(entry.key.span, |node| node.span);
        return bad(reader, key, span, fix);
    }
    Some(Target { name, files, kind })
}

const EXAMPLES: [&str; 5] =
    ["my-bucket", "/srv/www/archive", "me@example.org:/srv/www/archive/", "pages", "surge public"];

fn bad(reader: &mut Reader<'_>, key: &str, span: Span, fix: &str) -> Option<Target> {
    let error = Diagnostic::error("bad-deploy", format!("`{key}` is not what a deploy can use"))
        .at(reader.file, span, "cannot be this")
        .help(fix);
    reader.diagnostics.push(error);
    None
}

/// The key whose value cannot be used, and what to write.
fn fault(kind: &Kind) -> Option<(&'static str, &'static str)> {
    let is_option = |text: &str| text.starts_with('-') || text.contains(char::is_control);
    match kind {
        Kind::S3(bucket) => {
            let is_bucket = |c: char| c.is_ascii_alphanumeric() || matches!(c, '-' | '.' | '_');
            if !bucket.name.chars().all(is_bucket) {
                return Some(("bucket", "write the bucket's name alone, and its address as `endpoint`"));
            }
            if bucket.endpoint.as_deref().is_some_and(|url| !is_base_url(url)) {
                return Some(("endpoint", "write it in full: `endpoint = \"https://s3.example.org\"`"));
            }
            let is_bad_part = |part: &str| matches!(part, "" | "." | "..");
            let has_bad_part = !bucket.prefix.is_empty() && bucket.prefix.split('/').any(is_bad_part);
            has_bad_part.then_some(("prefix", "write a folder such as `prefix = \"archive\"`"))
        }
        Kind::Folder { path } => path.contains(char::is_control).then_some(("path", "write the path of a folder")),
        Kind::Rsync { destination } => (is_option(destination) || destination.contains("::"))
            .then_some(("destination", "write `destination = \"me@example.org:/srv/www/archive/\"`")),
        Kind::Git { remote, branch, .. } => {
            let is_bad = |c: char| c.is_whitespace() || "~^:?*[\\".contains(c);
            if is_option(branch) || branch.contains(is_bad) || branch.contains("..") {
                return Some(("branch", "write the branch's name alone: `branch = \"pages\"`"));
            }
            (is_option(remote) || remote.contains("::"))
                .then_some(("remote", "write `remote = \"origin\"`, or the address of a repository"))
        }
        Kind::Command { .. } => None,
    }
}

/// Reports a secret among the settings, without showing its line.
fn refuses_secret(reader: &mut Reader<'_>, entry: &Entry) -> bool {
    const SECRETS: [&str; 6] = ["secret", "password", "passwd", "token", "access_key", "credential"];
    let key = entry.key.value.to_ascii_lowercase();
    let value = match &entry.node.value {
        Value::Text(text) | Value::Plain(text) => text.as_str(),
        _ => "",
    };
    // A user's name in an address is none, a password is: `https://name:password@host`.
    let authority = value.split_once("://").and_then(|(_, rest)| rest.split('/').next());
    let user = authority.and_then(|authority| authority.rsplit_once('@')).map(|(user, _)| user);
    let is_ssh = value.starts_with("ssh://") || value.starts_with("git+ssh://");
    let is_secret =
        SECRETS.iter().any(|secret| key.contains(secret)) || user.is_some_and(|user| user.contains(':') || !is_ssh);
    if is_secret {
        let line = reader.file.line_column(entry.key.span.start).0;
        let message =
            format!("`{}` in line {line} holds credentials, which do not belong in this file", entry.key.value);
        let error = Diagnostic::error("secret-in-settings", message)
            .in_file(&reader.file.path)
            .help("take them out, change them where they were made, and give them as docs/deploy.md says");
        reader.diagnostics.push(error);
    }
    is_secret
}

#[cfg(test)]
mod tests {
    use super::super::parse_config;
    use super::*;
    use crate::diagnostic::terminal;
    use crate::hash::ContentHash;
    use crate::path::SitePath;
    use crate::source::SourceFile;

    fn parsed(text: &str) -> (Vec<Target>, String) {
        let path = SitePath::new("podleaf.toml").unwrap();
        let file = SourceFile { path, text: text.to_owned(), hash: ContentHash::of(b"") };
        let (config, diagnostics) = parse_config(&file);
        (config.deploy, terminal::render(&diagnostics, false))
    }

    #[test]
    fn each_kind_is_read() {
        let text = r#"
            [deploy.bucket]
            kind = "s3"
            bucket = "b"
            endpoint = "https://s3.example.org"
            region = "auto"
            prefix = "/pods/archive/"
            path_style = true
            [deploy.media]
            kind = "folder"
            path = "../www"
            files = "media"
            [deploy.server]
            kind = "rsync"
            destination = "me@example.org:/srv/www/"
            [deploy.pages]
            kind = "git"
            branch = "gh-pages"
            cname = "example.org"
            [deploy.other]
            kind = "command"
            command = "surge $PODLEAF_OUTPUT"
        "#;
        let (targets, said) = parsed(text);
        assert_eq!(said, "");
        let bucket = Bucket {
            name: "b".to_owned(),
            endpoint: Some("https://s3.example.org".to_owned()),
            region: Some("auto".to_owned()),
            prefix: "pods/archive".to_owned(),
            path_style: true,
        };
        assert_eq!(targets[0].kind, Kind::S3(bucket));
        assert_eq!((targets[1].name.as_str(), targets[1].files), ("media", Files::Media));
        let (remote, branch, cname) = ("origin".to_owned(), "gh-pages".to_owned(), Some("example.org".to_owned()));
        assert_eq!(targets[3].kind, Kind::Git { remote, branch, cname });
        assert_eq!(targets.len(), 5);
    }

    #[test]
    fn faults_have_places_and_fixes() {
        for (text, expected) in [
            ("kind = 'rsnc'", "write `kind = \"rsync\"`"),
            ("path = 'x'", "write `kind = \"folder\"`"),
            ("kind = 's3'", "write `bucket = \"my-bucket\"` below `[deploy.x]`"),
            ("kind = 's3'\nbucket = 'https://b'", "write the bucket's name alone"),
            ("kind = 's3'\nbucket = 'b'\nendpoint = 'example.org'", "write it in full"),
            ("kind = 's3'\nbucket = 'b'\nprefix = 'a/../b'", "write a folder such as"),
            ("kind = 'rsync'\ndestination = '-e sh'", "write `destination ="),
            ("kind = 'git'\nbranch = '--force'", "write the branch's name alone"),
            ("kind = 'git'\nbranch = 'x'\nremote = 'ext::sh -c x'", "write `remote = \"origin\"`"),
            ("kind = 'git'\nbranch = 'x'\nfiles = 'media'", "`git` takes the whole site"),
            ("kind = 'folder'\npath = 'x'\nfiles = 'all'", "`files` takes `site` or `media`"),
        ] {
            let (targets, said) = parsed(&format!("[deploy.x]\n{text}"));
            assert!(targets.is_empty() && said.contains(expected), "{text}\n{said}");
            assert!(said.contains("podleaf.toml:"), "{said}");
        }
        assert!(parsed("[deploy.'a/b']\nkind = 'folder'").1.contains("letters, digits"));
        let (targets, said) = parsed("[deploy.x]\nkind = 's3'\nbucket = 'b'\nbuket = 'c'");
        assert!(targets.len() == 1 && said.contains("did you mean `bucket`?"), "{said}");
    }

    #[test]
    fn a_secret_is_refused_and_not_shown() {
        for text in [
            "kind = 's3'\nbucket = 'b'\nsecret_access_key = 'hunter2'",
            "kind = 'git'\nbranch = 'x'\nremote = 'https://me:hunter2@example.org/x.git'",
            "kind = 'git'\nbranch = 'x'\nremote = 'https://hunter2@example.org/x.git'",
            "kind = 's3'\nbucket = 'b'\nendpoint = 'https://me:hunter2@example.org'",
        ] {
            let (targets, said) = parsed(&format!("[deploy.x]\n{text}"));
            assert!(targets.is_empty() && said.contains("secret-in-settings"), "{said}");
            assert!(!said.contains("hunter2"), "{said}");
        }
        let ssh = "[deploy.x]\nkind = 'git'\nbranch = 'x'\nremote = 'ssh://git@example.org/x.git'";
        assert_eq!(parsed(ssh).0.len(), 1);
    }
}
