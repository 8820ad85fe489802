//! Files for hosts that build, or serve, in ways of their own: printed, for people to put where they belong.

/// A file for a host.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Recipe {
    /// What people ask for.
    pub name: &'static str,
    /// What is printed.
    pub text: &'static str,
}

/// All of them.
pub const RECIPES: [Recipe; 8] = [
    Recipe { name: "github", text: include_str!("recipes/github-actions.yml") },
    Recipe { name: "gitlab", text: include_str!("recipes/gitlab-ci.yml") },
    Recipe { name: "netlify", text: include_str!("recipes/netlify.toml") },
    Recipe { name: "cloudflare", text: include_str!("recipes/cloudflare-pages.toml") },
    Recipe { name: "vercel", text: include_str!("recipes/vercel.json") },
    Recipe { name: "nginx", text: include_str!("recipes/nginx.conf") },
    Recipe { name: "caddy", text: include_str!("recipes/Caddyfile") },
    Recipe { name: "cors", text: include_str!("recipes/bucket-cors.json") },
];

/// The names of all recipes.
pub fn names() -> [&'static str; 8] {
    RECIPES.map(|recipe| recipe.name)
}

/// What is printed for a name.
pub fn text(name: &str) -> Option<&'static str> {
    RECIPES.iter().find(|recipe| recipe.name == name).map(|recipe| recipe.text)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn recipes_are_what_their_hosts_read() {
        for name in ["vercel", "cors"] {
            let parsed: Result<serde_json::Value, _> = serde_json::from_str(text(name).unwrap());
            assert!(parsed.is_ok(), "{name}");
        }
        for name in ["netlify", "cloudflare"] {
            let parsed: Result<toml::Table, _> = toml::from_str(text(name).unwrap());
            assert!(parsed.is_ok(), "{name}");
        }
        for recipe in RECIPES {
            assert!(
                recipe.text.ends_with('\n') && recipe.text.matches('{').count() == recipe.text.matches('}').count()
            );
        }
        assert_eq!(text("geocities"), None);
    }
}
