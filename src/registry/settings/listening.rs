//! Where a registry listens.

use super::{GivenSettings, PREFIX, SettingFault, SettingProblem, as_read};

/// The address of a registry where no setting names one.
pub(crate) const DEFAULT_ADDRESS: &str = ":5000";

/// The port of an address to listen at: `:5001`, `0.0.0.0:5001`.
pub(crate) fn port_of(address: &str) -> Option<u16> {
    address.rsplit_once(':')?.1.parse().ok().filter(|port| *port > 0)
}

/// Why nothing reaches a service at an address, and what does; `setting` is where it is, and `what` the service.
pub(crate) fn address_fault(
    what: &str,
    setting: &str,
    address: &str,
    is_on_host: bool,
) -> Option<(String, String)> {
    let parts = address.rsplit_once(':').filter(|(host, _)| host.starts_with('[') || !host.contains(':'));
    // Go takes names of services, such as :https.
    let is_port =
        |port: &str| port.parse::<u16>().is_ok() || port.starts_with(|c: char| c.is_ascii_alphabetic());
    let Some((host, _)) = parts.filter(|(_, port)| is_port(port)) else {
        let message = format!("{setting} is {address:?}, which has no port: {what} does not start");
        let help = if address.parse::<u16>().is_ok() {
            format!("write \":{address}\"")
        } else {
            "write an address such as \":5000\"".to_owned()
        };
        return Some((message, help));
    };
    let is_loopback = host == "localhost" || host == "[::1]" || host.starts_with("127.");
    (is_loopback && !is_on_host).then(|| {
        let message =
            format!("{what} listens at {address} of its container, where nothing from outside arrives");
        (message, "leave out the host, as in \":5000\"".to_owned())
    })
}

/// The path before `/v2/` at which a registry answers, without a slash at its end: nothing as a rule.
pub(crate) fn prefix_of(prefix: &str) -> String {
    let prefix = as_read(prefix).unwrap_or_default();
    prefix.trim_end_matches('/').to_owned()
}

/// Settings by which a registry does not listen at the port that its definition leads to.
pub(crate) fn led_elsewhere(given: &GivenSettings, port: u16) -> Option<SettingFault> {
    let fault = |setting: &str, message: String, help: String| {
        Some(SettingFault::new(SettingProblem::Nowhere, &[setting], message, help))
    };
    if given.text("HTTP_NET").is_some_and(|net| net == "unix") {
        let message = "the registry listens at a file of its container, where nothing from outside arrives";
        return fault("HTTP_NET", message.to_owned(), format!("remove {PREFIX}HTTP_NET"));
    }
    let written = given.env.get("HTTP_ADDR")?;
    // A number is a text here: the setting has a type.
    let address = as_read(written).unwrap_or_else(|_| written.clone());
    if let Some((message, help)) = address_fault("the registry", "REGISTRY_HTTP_ADDR", &address, false) {
        return fault("HTTP_ADDR", message, help);
    }
    let other = port_of(&address).filter(|other| *other != port)?;
    let message = format!(
        "the registry listens on port {other}, and the definition leads to port {port} of its container, where nothing answers"
    );
    fault(
        "HTTP_ADDR",
        message,
        "leave it out; --host-port and --vip are for the port that clients use".to_owned(),
    )
}

/// The second address of a registry, and the kind of both.
pub(super) fn faults(given: &GivenSettings) -> Vec<SettingFault> {
    let mut faults = Vec::new();
    if let Some(net) = given.text("HTTP_NET").filter(|net| !["", "tcp", "unix"].contains(&net.as_str())) {
        let message = format!("the registry knows no network {net:?}: it does not start");
        faults.push(SettingFault::new(SettingProblem::Nowhere, &["HTTP_NET"], message, "write tcp"));
    }
    let setting = "HTTP_DEBUG_ADDR";
    let Some(debug) = given.env.get(setting).map(|text| as_read(text).unwrap_or_else(|_| text.clone()))
    else {
        return faults;
    };
    if debug.is_empty() {
        return faults;
    }
    // Only it itself has to reach it.
    if let Some((message, help)) = address_fault("the registry", "REGISTRY_HTTP_DEBUG_ADDR", &debug, true) {
        faults.push(SettingFault::new(
            SettingProblem::Nowhere,
            &[setting],
            message,
            help.replace("5000", "5001"),
        ));
        return faults;
    }
    let default = given.has_default_config.then(|| DEFAULT_ADDRESS.to_owned());
    let own = given
        .text("HTTP_ADDR")
        .or(default)
        .filter(|_| given.text("HTTP_NET").is_none_or(|net| net != "unix"));
    if let Some(port) = own.as_deref().and_then(port_of).filter(|port| port_of(&debug) == Some(*port)) {
        faults.push(SettingFault::new(
            SettingProblem::PortTwice,
            &[setting, "HTTP_ADDR"],
            format!("the registry listens for clients and for who debugs it on the same port, {port}: it does not start"),
            format!("give {PREFIX}{setting} another port, such as \":5001\""),
        ));
    }
    faults
}
