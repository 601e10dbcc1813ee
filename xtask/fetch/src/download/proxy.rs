//! Which proxy the environment names for an address, as curl understands it.

use super::request::host;

/// The proxy for an address: of `https_proxy` or `http_proxy`, by the scheme, else `all_proxy`, in small or
/// large letters; none for hosts in `no_proxy` and this machine itself. `HTTP_PROXY` in large letters too, since
/// this is no CGI program.
pub fn of(url: &str, variable: &dyn Fn(&str) -> Option<String>) -> Option<String> {
    let either = |name: &str| {
        let set = |name: &str| variable(name).filter(|value| !value.is_empty());
        set(name).or_else(|| set(&name.to_uppercase()))
    };
    let scheme = if url.starts_with("https:") { "https_proxy" } else { "http_proxy" };
    let proxy = either(scheme).or_else(|| either("all_proxy"))?;
    let host = host(url);
    let name = host.rsplit_once(':').map_or(host, |(name, _)| name).to_ascii_lowercase();
    if name == "localhost" || name.starts_with("127.") || name == "[::1]" {
        return None;
    }
    let direct = either("no_proxy").is_some_and(|list| {
        list.split(',').map(str::trim).any(|entry| {
            let entry = entry.trim_start_matches('*').trim_start_matches('.').to_ascii_lowercase();
            // What remains of `*`.
            (entry.is_empty() && list.contains('*'))
                || (!entry.is_empty() && (name == entry || name.ends_with(&format!(".{entry}"))))
        })
    });
    (!direct).then_some(proxy)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn check(url: &str, variables: &[(&str, &str)], expected: Option<&str>) {
        let variable = |name: &str| {
            let found = variables.iter().find(|(known, _)| *known == name);
            found.map(|(_, value)| value.to_string())
        };
        assert_eq!(of(url, &variable).as_deref(), expected);
    }

    #[test]
    fn the_environment_names_the_proxy() {
        let (http, https) = ("http://a.org/f", "https://a.org:444/f");
        check(http, &[], None);
        check(http, &[("https_proxy", "s")], None);
        check(https, &[("HTTPS_PROXY", "s"), ("http_proxy", "h")], Some("s"));
        check(http, &[("HTTPS_PROXY", "s"), ("http_proxy", "h")], Some("h"));
        check("http://127.0.0.1:80/f", &[("http_proxy", "h")], None);
        check(http, &[("http_proxy", ""), ("ALL_PROXY", "x")], Some("x"));
        for (list, direct) in [
            ("a.org", true),
            ("b.org, .a.org", true),
            ("org", true),
            ("*", true),
            ("g", false),
            ("", false),
        ] {
            let expected = if direct { None } else { Some("s") };
            check(https, &[("https_proxy", "s"), ("no_proxy", list)], expected);
        }
    }
}
