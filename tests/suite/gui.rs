//! The review page in a real browser: sign in, approve, see it applied, roll it back.

use std::time::Duration;

use reqwest::StatusCode;
use thirtyfour::prelude::*;

use crate::support::browser::Browser;
use crate::support::eventually_within;
use crate::support::server::Server;
use crate::support::shop::Shop;

/// Checks compile code: on a busy machine with cold caches that takes a while.
const COMPILING: Duration = Duration::from_secs(300);

async fn press(driver: &WebDriver, button: &str) {
    let found =
        driver.find(By::XPath(format!("//button[starts-with(normalize-space(), '{button}')]")));
    found.await.unwrap().click().await.unwrap();
}

async fn see(driver: &WebDriver, what: &str, path: &str, words: &str) {
    eventually_within(COMPILING, what, &mut async || {
        driver.goto(path).await.unwrap();
        let text = driver.find(By::Tag("main")).await.unwrap().text().await.unwrap();
        text.to_lowercase().contains(words).then_some(())
    })
    .await;
}

#[tokio::test]
async fn approve_and_roll_back_in_a_browser() {
    let server = Server::start();
    let shop = Shop::new("index");
    let repo = shop.repo.root().to_str().unwrap();
    let project = server.create_project("shop", &["--repo", repo, "--healing", "in_place"]);
    assert_eq!(server.envelope(&project, shop.index_envelope()).await.status(), StatusCode::OK);
    eventually_within(COMPILING, "the fix to wait for a person", &mut async || {
        let found = server.json("/api/suggestions?status=pending").await;
        let found = found["suggestions"].as_array().unwrap().clone();
        (found.len() == 1 && !found[0]["status_reason"].is_null()).then_some(())
    })
    .await;
    let healed = shop.read(&shop.file);

    let browser = Browser::start(&server.folder().join("chromium")).await;
    let driver = &browser.driver;
    let url = |path: &str| format!("{}{path}", server.url);
    // A page that is asked for without a sign-in comes after it.
    driver.goto(url("/gui/review")).await.unwrap();
    let token = driver.find(By::Id("token")).await.unwrap();
    token.send_keys("andon_wrong").await.unwrap();
    press(driver, "Sign in").await;
    assert!(driver.find(By::Id("login-error")).await.is_ok());
    driver.find(By::Id("token")).await.unwrap().send_keys(&server.token).await.unwrap();
    press(driver, "Sign in").await;
    eventually_within(COMPILING, "the page that was asked for", &mut async || {
        (driver.current_url().await.unwrap().path() == "/gui/review").then_some(())
    })
    .await;

    let page = driver.find(By::Tag("main")).await.unwrap().text().await.unwrap();
    assert!(page.contains("Handle a missing element in Cart::line_price"), "{page}");
    press(driver, "Approve").await;
    see(driver, "the fix to be applied", &url("/gui/suggestions/4"), "applied").await;
    eventually_within(COMPILING, "the file to change", &mut async || {
        (shop.read(&shop.file) != healed).then_some(())
    })
    .await;
    eventually_within(COMPILING, "the suggestion to be applied", &mut async || {
        (server.json("/api/suggestions/4").await["status"] == "applied").then_some(())
    })
    .await;

    driver.goto(url("/gui/suggestions/4")).await.unwrap();
    driver
        .find(By::XPath("//summary[contains(., 'Roll back')]"))
        .await
        .unwrap()
        .click()
        .await
        .unwrap();
    press(driver, "Put the old files back").await;
    see(driver, "the roll-back", &url("/gui/suggestions/4"), "rolled back").await;
    assert_eq!(shop.read(&shop.file), healed, "byte for byte");

    driver.goto(url("/gui/issues/1")).await.unwrap();
    let page = driver.find(By::Tag("main")).await.unwrap().text().await.unwrap();
    assert!(page.contains("index out of bounds"), "{page}");
    assert!(page.contains("let line = &self.lines[index];"), "the source around the frame: {page}");
    browser.end().await;
}
