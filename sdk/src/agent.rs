//! How HTTP is spoken.

use std::time::Duration;

use ureq::Agent;

use crate::time::LONGEST;

/// Answers of any status are answers; redirects are not followed (a key would go with them); `https` is
/// believed as the operating system does, so that a company's own authority works.
pub(crate) fn agent(connect: Duration, in_all: Duration) -> Agent {
    let config = Agent::config_builder()
        .http_status_as_error(false)
        .timeout_connect(Some(connect.min(LONGEST)))
        .timeout_global(Some(in_all.min(LONGEST)))
        .max_redirects(0);
    #[cfg(feature = "tls")]
    let config = config.tls_config(
        ureq::tls::TlsConfig::builder().root_certs(ureq::tls::RootCerts::PlatformVerifier).build(),
    );
    config.build().into()
}
