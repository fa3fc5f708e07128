# What a Ruby application reports.

require "sentry-ruby"

# DSN, release and environment come from SENTRY_DSN, SENTRY_RELEASE and SENTRY_ENVIRONMENT.
Sentry.init do |config|
  config.server_name = "till-3"
  config.breadcrumbs_logger = [:sentry_logger]
  # Sends at once, so that nothing is left when the process ends.
  config.background_worker_threads = 0
  # A busy machine may need longer than the SDK's two seconds.
  config.transport.timeout = 60
  config.transport.open_timeout = 60
end

class OrderError < StandardError; end

def total(prices)
  prices.sum { |price| Integer(price) }
rescue ArgumentError
  raise OrderError, "Bestellung unlesbar: 🥨 ‘naïve’"
end

Sentry.set_user(id: "ü-17", username: "Zoë")
Sentry.set_tags(till: 3, "größe" => "groß 🦀")
Sentry.set_context("order", { lines: [{ sku: "naïve-1", count: 2 }], gift: nil })
Sentry.set_extras(raw: [1, 2.5, "三", nil, true])
Sentry.add_breadcrumb(
  Sentry::Breadcrumb.new(
    category: "cart", message: "opened 🛒", level: "info", data: { lines: 3, ok: true }
  )
)
Logger.new(File::NULL).warn("few left: brötchen")

begin
  total(["30", "zwölf"])
rescue OrderError => e
  Sentry.capture_exception(e)
end
Sentry.capture_message("Das Lager ist leer 🦀", level: :warning)
Sentry.capture_message("Zoë paid with 4111 1111 1111 1111 at till 3")
