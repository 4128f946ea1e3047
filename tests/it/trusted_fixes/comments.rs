//! Comments survive fixes and migrations: with what they stand beside, or where they stand; what goes is named.

use crate::common::{TestDir, each_case};

const JSONC: &str = r#"{
  "id": "/a",
  "container": {
    "type": "DOCKER",
    "docker": {
      "image": "x:1", // img
      "network": "BRIDGE", // net
      // ports
      "portMappings": [
        {"containerPort": 80} // http
      ]
    }
  }
}
"#;

const FLOW: &str = "id: /a
container:
  type: DOCKER
  docker: {image: 'x:1', network: BRIDGE, portMappings: [
    {containerPort: 80},  # http
    {containerPort: 81}]}
";

const ADDRESS: &str = "id: /a
cmd: sleep 1
ipAddress:
  networkName: dcos # the name
  discovery:
    ports:
      - {number: 80, name: http, protocol: tcp} # p
";

/// The words after the marks of all comments.
fn comments(text: &str, mark: &str) -> Vec<String> {
    let of_line = |line: &str| Some(line.split_once(mark)?.1.trim().to_owned());
    text.lines().filter_map(of_line).collect()
}

#[test]
fn comments_are_kept_or_named() {
    each_case(
        [("a.jsonc", JSONC, "//"), ("a.yaml", FLOW, "# "), ("a.yaml", ADDRESS, "# ")],
        |(file, text, mark)| {
            for args in [&["lint", "--fix"][..], &["migrate", "--to", "1.11", "--write"]] {
                let test = TestDir::new().file(file, text);
                let said = test.run(&[args, &[file]].concat());
                let after = test.read(file);
                assert_ne!(after, text, "{said}");
                let kept = comments(&after, mark);
                for comment in comments(text, mark) {
                    let is_named = said.contains("this comment is not kept") && said.contains(&comment);
                    assert!(kept.contains(&comment) != is_named, "{comment}: {said}\n{after}");
                }
                if file == "a.jsonc" || text == FLOW {
                    assert!(!said.contains("is not kept"), "{said}\n{after}");
                }
            }
        },
    );
}

#[test]
fn the_comment_of_a_repeated_element_stays() {
    let yaml = "id: /a\ncmd: sleep 1\nacceptedResourceRoles: [\n  '*', # all\n  'slave_public', # some\n  '*' # again\n]\n";
    let jsonc = "{\n  \"id\": \"/a\", \"cmd\": \"sleep 1\",\n  \"constraints\": [\n    [\"hostname\", \"UNIQUE\"], // one\n    [\"hostname\", \"UNIQUE\"] // again\n  ]\n}\n";
    for (file, text) in [("a.yaml", yaml), ("a.jsonc", jsonc)] {
        let test = TestDir::new().file(file, text);
        let said = test.run(&["lint", "--fix=unsafe", file]);
        let after = test.read(file);
        assert!(after != text && after.contains("again") && !said.contains("is not kept"), "{said}\n{after}");
    }
}
