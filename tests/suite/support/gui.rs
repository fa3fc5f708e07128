//! The GUI as a browser without script uses it.

use reqwest::{Method, StatusCode};

use super::server::Server;

/// The GUI of a server for somebody who is signed in.
pub(crate) struct Gui<'s> {
    server: &'s Server,
    pub(crate) cookie: String,
    csrf: String,
}

impl<'s> Gui<'s> {
    pub(crate) async fn sign_in(server: &'s Server, token: &str) -> Self {
        let form = server.plain(Method::POST, "/gui/login").form(&[("token", token), ("next", "")]);
        let answer = form.send().await.unwrap();
        assert_eq!(answer.status(), StatusCode::SEE_OTHER);
        let cookie = answer.headers()["set-cookie"].to_str().unwrap();
        let cookie = cookie.split(';').next().unwrap().to_owned();
        let mut gui = Self { server, cookie, csrf: String::new() };
        let (_, page) = gui.get("/gui/issues").await;
        gui.csrf = page.split("name=\"csrf\" value=\"").nth(1).unwrap()[..]
            .split('"')
            .next()
            .unwrap()
            .to_owned();
        gui
    }

    pub(crate) async fn get(&self, path: &str) -> (StatusCode, String) {
        let request = self.server.plain(Method::GET, path).header("cookie", &self.cookie);
        let answer = request.send().await.unwrap();
        assert!(answer.headers()["content-type"].to_str().unwrap().starts_with("text/html"));
        (answer.status(), answer.text().await.unwrap())
    }

    /// A page that must be there.
    pub(crate) async fn page(&self, path: &str) -> String {
        let (status, page) = self.get(path).await;
        assert_eq!(status, StatusCode::OK, "{path}");
        page
    }

    /// Sends a form: the status, and where it leads or else what the page says.
    pub(crate) async fn post(&self, path: &str, fields: &[(&str, &str)]) -> (StatusCode, String) {
        let mut form = vec![("csrf", self.csrf.as_str())];
        form.extend(fields);
        let request = self.server.plain(Method::POST, path).header("cookie", &self.cookie);
        let answer = request.form(&form).send().await.unwrap();
        let status = answer.status();
        let said = match answer.headers().get("location") {
            Some(place) => place.to_str().unwrap().to_owned(),
            None => answer.text().await.unwrap(),
        };
        (status, said)
    }
}
