//! Chromium without a window, driven through chromedriver.

use std::io::{BufRead, BufReader};
use std::os::unix::process::CommandExt;
use std::process::{Child, Command, Stdio};

use thirtyfour::prelude::*;

/// chromedriver on a free port, ended with the test.
pub(crate) struct Browser {
    child: Child,
    pub(crate) driver: WebDriver,
}

impl Browser {
    /// Starts it with an empty profile in a folder of its own.
    pub(crate) async fn start(profile: &std::path::Path) -> Self {
        let mut child = Command::new("chromedriver")
            .arg("--port=0")
            .stdout(Stdio::piped())
            .stderr(Stdio::null())
            // A group of its own, so that the browser ends with it, however the test ends.
            .process_group(0)
            .spawn()
            .expect("chromedriver is missing: `make deps` installs it");
        let mut lines = BufReader::new(child.stdout.take().unwrap()).lines().map_while(Result::ok);
        let port = lines
            .find_map(|line| {
                let port = line.split("successfully on port ").nth(1)?;
                Some(port.trim_end_matches('.').to_owned())
            })
            .expect("chromedriver says its port");
        let mut capabilities = DesiredCapabilities::chrome();
        for argument in [
            "--headless=new",
            "--no-sandbox",
            "--disable-gpu",
            "--disable-quic",
            "--no-first-run",
            "--disable-background-networking",
            "--disable-component-update",
            "--disable-sync",
            "--window-size=1280,1600",
            &format!("--user-data-dir={}", profile.display()),
        ] {
            capabilities.add_arg(argument).unwrap();
        }
        let driver =
            WebDriver::new(format!("http://127.0.0.1:{port}"), capabilities).await.unwrap();
        Self { child, driver }
    }

    pub(crate) async fn end(self) {
        // What does not end well is ended by force below.
        let _ = self.driver.clone().quit().await;
    }
}

impl Drop for Browser {
    fn drop(&mut self) {
        let group = rustix::process::Pid::from_child(&self.child);
        // It may be gone already.
        let _ = rustix::process::kill_process_group(group, rustix::process::Signal::KILL);
        let _ = self.child.wait();
    }
}
