export function showBanner(banner) {
  document.body.prepend(banner.text.toUpperCase());
}
