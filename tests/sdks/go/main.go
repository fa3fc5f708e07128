// What a Go application reports: `application CASE`.
package main

import (
	"fmt"
	"net/http"
	"net/http/httptest"
	"os"
	"strconv"
	"strings"
	"time"

	"github.com/getsentry/sentry-go"
	sentryhttp "github.com/getsentry/sentry-go/http"
)

const flush = 60 * time.Second

type orderError struct{ cause error }

func (e *orderError) Error() string { return "Bestellung unlesbar: 🥨 ‘naïve’" }
func (e *orderError) Unwrap() error { return e.cause }

func total(prices []string) error {
	for _, price := range prices {
		if _, err := strconv.Atoi(price); err != nil {
			return &orderError{fmt.Errorf("kein Preis: %w", err)}
		}
	}
	return nil
}

func setScope() {
	sentry.ConfigureScope(func(scope *sentry.Scope) {
		scope.SetUser(sentry.User{ID: "ü-17", Username: "Zoë"})
		scope.SetTag("till", "3")
		scope.SetTag("größe", "groß 🦀")
		scope.SetContext("order", map[string]interface{}{"lines": []string{"naïve-1"}, "gift": nil})
		scope.SetExtra("raw", []interface{}{1, 2.5, "三", nil, true})
	})
	sentry.AddBreadcrumb(&sentry.Breadcrumb{
		Category: "cart",
		Message:  "opened 🛒",
		Level:    sentry.LevelInfo,
		Data:     map[string]interface{}{"lines": 3, "ok": true},
	})
}

func serve() {
	shop := http.HandlerFunc(func(_ http.ResponseWriter, _ *http.Request) {
		panic("nobody catches this")
	})
	handler := sentryhttp.New(sentryhttp.Options{}).Handle(shop)
	request := httptest.NewRequest("POST", "http://shop.example/orders/7?from=k", strings.NewReader(`{"a":1}`))
	request.Header.Set("X-Till", "3")
	handler.ServeHTTP(httptest.NewRecorder(), request)
}

func main() {
	// DSN, release and environment come from SENTRY_DSN, SENTRY_RELEASE and SENTRY_ENVIRONMENT.
	err := sentry.Init(sentry.ClientOptions{ServerName: "till-3", AttachStacktrace: true})
	if err != nil {
		panic(err)
	}
	defer sentry.Flush(flush)
	setScope()
	switch os.Args[1] {
	case "everything":
		sentry.CaptureException(total([]string{"30", "zwölf"}))
		sentry.CaptureMessage("Das Lager ist leer 🦀")
		sentry.CaptureMessage("Zoë paid with 4111 1111 1111 1111 at till 3")
		serve()
	case "panic":
		defer func() {
			if failed := recover(); failed != nil {
				sentry.CurrentHub().Recover(failed)
				sentry.Flush(flush)
				panic(failed)
			}
		}()
		var shelf []int
		fmt.Println(shelf[len(os.Args)])
	}
}
