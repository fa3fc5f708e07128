
const server = app.listen(0, "127.0.0.1", async () => {
  await fetch(`http://127.0.0.1:${server.address().port}/andon-test`);
  await Sentry.close(60_000);
  server.closeAllConnections();
  server.close();
});
