use serde_json::json;

use super::*;
use crate::deploy::colour::task::tasks;

/// Statistics as HAProxy writes them: the fields up to the status, and a quoted one.
fn csv(rows: &[&str]) -> String {
    let head = "# pxname,svname,qcur,qmax,scur,smax,status,last_chk,";
    format!("{head}\n{}\n", rows.join("\n"))
}

const WEB: [&str; 5] = [
    "web_10000,FRONTEND,,,3,3,OPEN,,",
    "web_10000,10_0_0_1_31000,0,0,0,2,MAINT,\"a \"\"quoted\"\", text\",",
    "web_10000,10_0_0_2_31000,1,0,2,2,UP 1/3,,",
    "web_10000,10_0_0_3_31000,0,0,0,2,no check,,",
    "web_10000,BACKEND,0,0,2,2,UP,,",
];

#[test]
fn servers_of_the_group_are_read_by_the_names_of_fields() {
    let found = servers(&csv(&WEB), "/web").expect("statistics");
    let short: Vec<_> = found.iter().map(|server| (&*server.name, server.status, server.open)).collect();
    assert_eq!(
        short,
        [
            ("10_0_0_1_31000", Status::Maintenance, 0),
            ("10_0_0_2_31000", Status::Up, 3),
            ("10_0_0_3_31000", Status::Up, 0)
        ]
    );
    // Other fields in another order.
    let other = "# pxname,svname,status,scur,qcur\nshop_web_80,a_1,DOWN,4,\nshop_web_80,BACKEND,UP,,\nshop_web_x_80,b,UP,,\n";
    assert_eq!(servers(other, "shop/web").expect("statistics").len(), 1);
    assert_eq!(servers(other, "shop").expect("statistics"), []);
}

#[test]
fn words_of_haproxy_have_a_meaning() {
    for (text, expected) in [
        ("UP", Status::Up),
        ("UP 2/3", Status::Up),
        ("no check", Status::Up),
        ("MAINT", Status::Maintenance),
        ("MAINT (via a/b)", Status::Maintenance),
        ("DRAIN", Status::Draining),
        ("NOLB", Status::Draining),
        ("DOWN", Status::Down),
        ("DOWN 1/2", Status::Down),
        ("", Status::Down),
    ] {
        assert_eq!(Status::of(text), expected, "{text}");
    }
}

#[test]
fn what_is_not_all_of_the_statistics_tells_nothing() {
    let whole = csv(&WEB);
    for (text, expected) in [
        ("<html><body>503</body></html>", StatsError::Other),
        ("", StatsError::Other),
        ("# name,value\na,b\n", StatsError::Other),
        // In the middle of a line, and between two.
        (&whole[..whole.len() - 9], StatsError::CutOff),
        (&*csv(&WEB[..3]), StatsError::CutOff),
        ("# pxname,svname,status,scur,qcur\nweb_1,a,UP\n", StatsError::CutOff),
        ("# pxname,svname,status,qcur\nweb_1,a,UP,1\n", StatsError::NoField("scur")),
        (
            "# pxname,svname,status,scur,qcur\nweb_1,a,UP,x,0\nweb_1,BACKEND,UP,,\n",
            StatsError::NoField("scur"),
        ),
    ] {
        assert_eq!(servers(text, "web"), Err(expected), "{text}");
    }
}

#[test]
fn more_processes_than_usual_are_a_reload() {
    assert_eq!(processes("123 122\n"), Ok(2));
    for wrong in ["", "<html>", "12 x"] {
        assert_eq!(processes(wrong), Err(StatsError::NoProcesses), "{wrong}");
    }
    // Numbers of processes, and whether that is a reload.
    for seen in [
        &[(1, false), (2, true), (1, false)][..],
        // With a master.
        &[(2, false), (3, true), (4, true), (2, false)],
        // Begun while an earlier process was there.
        &[(3, true), (2, false)],
        &[(2, false), (1, false), (2, true)],
    ] {
        let mut usual = Usual::default();
        for (number, expected) in seen {
            assert_eq!(usual.is_reloading(*number), *expected, "{number} of {seen:?}");
        }
    }
}

#[test]
fn every_haproxy_has_to_agree() {
    let app = |hosts: &[u8], state: &str| {
        let tasks: Vec<_> = hosts
            .iter()
            .map(|host| json!({"id": format!("t{host}"), "host": format!("10.0.0.{host}"), "ports": [1], "state": state}))
            .collect();
        super::super::task::tasks(&json!({ "tasks": tasks }))
    };
    let server = |host: u8, status, open| BackendServer {
        backend: "web_1".to_owned(),
        name: format!("10_0_0_{host}_1"),
        status,
        open,
    };
    let to = app(&[1, 2], "TASK_RUNNING");
    let mut from = app(&[3, 4, 5, 6], "TASK_RUNNING");
    from.extend(app(&[7], "TASK_FAILED"));
    let (up, off) = (Status::Up, Status::Maintenance);
    let first = vec![
        server(1, up, 5),
        server(2, up, 0),
        server(3, off, 0),
        server(4, off, 0),
        server(5, off, 2),
        server(6, up, 0),
    ];
    let second = vec![
        server(1, up, 1),
        server(2, Status::Down, 0),
        server(3, off, 0),
        server(4, up, 0),
        server(5, off, 0),
    ];
    let one = traffic(std::slice::from_ref(&first), &to, &from);
    assert_eq!((one.up, one.other_up, one.open), (2, 1, 2));
    assert_eq!(
        (&one.drained[..], &one.draining[..]),
        (&["t3", "t4", "t7"].map(String::from)[..], &["t3", "t4", "t5"].map(String::from)[..])
    );
    let mut both = traffic(&[first, second], &to, &from);
    assert_eq!((both.up, both.other_up, both.open), (1, 0, 2));
    assert_eq!(both.drained, ["t3", "t7"]);
    let mut doubted = both.clone();
    doubted.doubt_drained();
    assert_eq!(doubted.drained, ["t7"]);
    both.give_up_sessions();
    assert_eq!(both.drained, ["t7", "t3", "t5"]);
    assert_eq!(traffic(&[], &to, &from).up, 0, "without an HAProxy nothing is up");
    assert!(tasks(&json!({})).is_empty());
}
