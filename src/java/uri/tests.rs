//! Verdicts of JDK 17's `new java.net.URI`.

use proptest::prelude::*;

use super::is_uri;

#[track_caller]
fn check(valid: &[&str], refused: &[&str]) {
    for text in valid {
        assert!(is_uri(text), "{text:?} is refused");
    }
    for text in refused {
        assert!(!is_uri(text), "{text:?} passes");
    }
}

#[test]
fn uris_as_people_write_them() {
    check(
        &[
            "",
            "https://example.com/app.tgz",
            "http://a/b.tgz",
            "file:///opt/x.tar.gz",
            "file:/x",
            "hdfs://nn:9000/x",
            "hdfs:/path",
            "hdfs:path",
            "s3://bucket/key",
            "s3n://a_b/c",
            "relative/path.zip",
            "../up.zip",
            "/abs/path",
            "docker://img",
            "ftp://h/x;type=i",
            "https://h/a.tar.gz?x=1",
            "$VAR",
            "C:/x",
            "http://user:pa@ss@host/",
            "jar:file:x!/y",
            "urn:isbn:123",
            "http://h/..%2f",
            "http://h/'q'",
            "-lead",
            "trail-",
            "a:b:c",
            "http://host/%20",
        ],
        &["${VAR}", "{{ uri }}", "http://h/{{v}}", "C:\\x", "http://host/a b", " ", "a\nb"],
    );
}

#[test]
fn schemes() {
    check(
        &[
            "a1+-.:x",
            "ht+tp.a-b://x",
            "HTTP://HOST/",
            "a_b/c:d",
            "/a:b",
            "?a:b",
            "#a:b",
            "./1:x",
            "x:?",
            "x::",
            "x:%41",
            "x:[",
            "mailto:a@b?c",
            "x:é",
        ],
        &[
            ":",
            "x:",
            ":foo",
            "1:x",
            "1http://x",
            "http:",
            "file:",
            "a_b:x",
            "é:x",
            "a%41:x",
            "-a:x",
            "+a:x",
            "a b:x",
            "x:#",
            "x:#a",
            "x:%4",
            "x:a#b#c",
            "x:a b",
            "x:\\",
            "x:|",
            "x:\u{a0}",
        ],
    );
}

#[test]
fn authorities() {
    check(
        &[
            "///",
            "http:///x",
            "//?",
            "//#",
            "//?x",
            "//#x",
            "//h",
            "//h/",
            "//h?x",
            "http://h#x",
            "http://host:port/",
            "http://host:/",
            "http://:80/",
            "http://h:80a/",
            "http://h:-1/",
            "http://h:99999999999/",
            "http://ho_st/x",
            "http://host-/",
            "http://-h/",
            "http://.h/",
            "http://h..h/",
            "http://1.2.3.4/",
            "http://1.2.3.4.5/",
            "http://300.1.1.1/",
            "http://@h/",
            "http://u:@h:/",
            "http://u@/",
            "http://@/",
            "http://:/",
            "http://%41/",
            "http://a,b;c&d=e+f$g/",
            "http://a!b~c*d'e(f)g/",
            "http://é/",
            "http://$HOST/",
        ],
        &[
            "//",
            "http://",
            "x://",
            "http://%4/",
            "http://%zz/",
            "http://a b.com",
            "http://a|b/",
            "http://a<b/",
            "http://a\"b/",
            "http://a\\b/",
            "http://a^b/",
            "http://{h}/",
            "http://\u{3000}/",
        ],
    );
}

#[test]
fn ipv6_addresses() {
    check(
        &[
            "http://[::1]/x",
            "http://[::]/",
            "http://[1::]/",
            "http://[1:2:3:4:5:6:7:8]/",
            "http://[1:2:3:4:5:6:7::]/",
            "http://[::1:2:3:4:5:6:7]/",
            "http://[fFfF::]/",
            "http://[::1.2.3.4]/",
            "http://[::ffff:1.2.3.4]/",
            "http://[1:2:3:4:5:6:1.2.3.4]/",
            "http://[::255.255.255.255]/",
            "http://[::001.02.003.4]/",
            "http://[::0001.2.3.4]/",
            "http://[fe80::1%eth0]/",
            "http://[fe80::1%a_b.1]/",
            "http://[::1]:80/",
            "http://[::1]:/",
            "http://[::1]:2147483647/",
            "http://u@[::1]/",
            "http://u:p@[::1]:80/",
            "http://u%41@[::1]/",
            "//[::1]",
            "//[::1]?",
            "http://[::1%25eth0]/",
        ],
        &[
            "http://[",
            "http://[]/",
            "http://]",
            "http://[::1",
            "http://[::1/",
            "http://::1]/",
            "http://[zz]/",
            "http://[v1.x]/",
            "http://[1]/",
            "http://[1:2:3:4:5:6:7]/",
            "http://[1:2:3:4:5:6:7:8:9]/",
            "http://[1:2:3:4:5:6:7:8::]/",
            "http://[::1:2:3:4:5:6:7:8]/",
            "http://[1::2::3]/",
            "http://[:::]/",
            "http://[:1]/",
            "http://[1:]/",
            "http://[12345::]/",
            "http://[::g]/",
            "http://[1:2:3:4:5:1.2.3.4]/",
            "http://[1:2:3:4:5:6:7:1.2.3.4]/",
            "http://[::256.1.1.1]/",
            "http://[fe80::1%é]/",
            "http://[fe80::1%a%41]/",
            "http://[::1.2.3]/",
            "http://[::1.2.3.4.5]/",
            "http://[::99999999999.1.1.1]/",
            "http://[1.2.3.4]/",
            "http://[1.2.3.4::]/",
            "http://[::1.2.3.4:1]/",
            "http://[fe80::1%]/",
            "http://[fe80::1%a-b]/",
            "http://[fe80::1%a%b]/",
            "http://[%eth0]/",
            "http://[::1]:a/",
            "http://[::1]:2147483648/",
            "http://[::1]80/",
            "http://[::1]x",
            "http://[::1]]/",
            "http://u%4@[::1]/",
            "http://[u]@[::1]/",
            "http://u@v@[::1]/",
            "http://h[::1]/",
            "//[::1]@h",
            "http://[ ::1]/",
        ],
    );
}

#[test]
fn paths_queries_and_fragments() {
    check(
        &[
            "/",
            "?",
            "?x",
            "?q=[x]",
            "http://host/?q=[x]",
            "#",
            "#frag",
            "#[x]",
            "?#",
            "?a#b?c",
            "?a?b",
            "a?b=c&d;e",
            "/a;b/c,d",
            "/%41",
            "%41",
            "%FF",
            "!~*'()_-.",
            "/:",
        ],
        &[
            "//h/[x]",
            "/[x]",
            "[x]",
            "]",
            "##",
            "a#b#c",
            "/%4",
            "/%",
            "/%zz",
            "%",
            "?%zz",
            "#%zz",
            "/a|b",
            "/a^b",
            "/a`b",
            "/a\\b",
            "/a\"b",
            "/<a>",
            "/{x}",
            "?{x}",
            "#{x}",
            "?|",
            "?^",
            "?`",
            "#\\",
            "?a b",
            "#a b",
            "/a b",
            "/\n",
            "/\t",
            "/\u{0}",
            "/\u{7f}",
            "@:&=+$,",
            "http://host/a#b#c",
        ],
    );
}

#[test]
fn beyond_ascii() {
    check(
        &[
            "é",
            "ü",
            "/é",
            "?é",
            "#é",
            "x:é",
            "//é",
            "http://h/😀.zip",
            "/¡",
            "/\u{ad}",
            "/\u{180e}",
            "/\u{200b}",
            "/\u{202e}",
            "/\u{2060}",
            "/、",
            "/\u{feff}",
            "/\u{e000}",
            "/\u{1d173}",
            "/\u{f0000}",
            "/\u{378}",
        ],
        &[
            "/\u{80}",
            "/\u{85}",
            "/\u{9f}",
            "/\u{a0}",
            "?\u{a0}",
            "#\u{a0}",
            "/\u{1680}",
            "/\u{2000}",
            "/\u{2003}",
            "/\u{200a}",
            "/\u{2028}",
            "/\u{2029}",
            "/\u{202f}",
            "/\u{205f}",
            "/\u{3000}",
            "\u{feff}http://h/",
        ],
    );
}

/// Java's answers to texts made at random from what URIs are made of, a line each.
#[test]
fn random_uris() {
    for line in include_str!("../../../fixtures/java/uris.jsonl").lines() {
        let (text, valid): (String, bool) = serde_json::from_str(line).unwrap();
        assert_eq!(is_uri(&text), valid, "{line}");
    }
}

proptest! {
    #[test]
    fn nothing_panics(text in any::<String>(), uri in "(http:)?//[\\[\\]0-9a-f:.%@/?#é ]{0,20}") {
        let _ = is_uri(&text);
        let _ = is_uri(&uri);
    }
}
