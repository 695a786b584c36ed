package config

import (
	"fmt"
	"log/slog"
	"reflect"
	"strings"
	"time"
)

// setting describes one variable. Its name, type and default are those of its field
// in Config; the rest stands in the table below. Values are checked, problems
// explained and the documentation written by both.
type setting struct {
	name  string
	field reflect.StructField

	doc     string
	example string
	must    rule
}

// settings lists every variable in the order of the documentation, which is that of
// the fields.
func settings() []setting {
	var all []setting
	for _, field := range reflect.VisibleFields(reflect.TypeFor[Config]()) {
		if name := field.Tag.Get("env"); name != "" {
			s := about[name]
			s.name, s.field = name, field
			all = append(all, s)
		}
	}
	return all
}

// isSecret reports whether the value is never shown, and may come from a file named
// by NAME_FILE.
func (s setting) isSecret() bool { return s.field.Type == reflect.TypeFor[Secret]() }

// show returns the value in force as people may see it.
func (s setting) show(c Config) string {
	switch value := reflect.ValueOf(c).FieldByIndex(s.field.Index).Interface().(type) {
	case []string:
		return strings.Join(value, ",")
	case slog.Level:
		return strings.ToLower(value.String())
	default:
		return fmt.Sprint(value)
	}
}

// problem says what is wrong with the variable.
func (s setting) problem(wrong string) Problem {
	return Problem{Name: s.name, Wrong: wrong, Example: s.name + "=" + s.example}
}

// about says what each variable is for and what its value must be.
var about = map[string]setting{
	"PRAXIS_LISTEN": described("127.0.0.1:8080", address,
		"Address of the HTTP server. Other than loopback addresses need TLS and an OpenID Connect issuer."),
	"PRAXIS_PUBLIC_URL": described("https://praxis.example.com", trustedURL,
		"Where people reach the server, used in links. Made from the listen address when unset."),
	"PRAXIS_TLS_CERT": described("/etc/praxis/tls.crt", anything,
		"PEM file with the certificate chain. Needs PRAXIS_TLS_KEY."),
	"PRAXIS_TLS_KEY": described("/etc/praxis/tls.key", anything,
		"PEM file with the private key of the certificate."),
	"PRAXIS_BEHIND_PROXY": described("true", trueOrFalse,
		"Says that a proxy in front ends TLS and sets X-Forwarded-For, which is believed only then."),
	"PRAXIS_REQUEST_TIMEOUT": described("30s", durationFrom(time.Second, 10*time.Minute),
		"Longest work for one request."),
	"PRAXIS_SHUTDOWN_TIMEOUT": described("20s", durationFrom(time.Second, 10*time.Minute),
		"Longest time from when the server is asked to stop until it is gone, whatever hangs. The drain period is part of it."),
	"PRAXIS_DRAIN_PERIOD": described("5s", durationFrom(0, 5*time.Minute),
		"How long a server that gets SIGTERM still takes requests after /readyz has said that it stops: longer than a balancer needs to notice. At most half of PRAXIS_SHUTDOWN_TIMEOUT; Ctrl-C does not wait."),
	"PRAXIS_READY_TIMEOUT": described("1s", durationFrom(100*time.Millisecond, 30*time.Second),
		"Longest wait of /readyz for any part. All parts are asked at once."),
	"PRAXIS_MAX_BODY_BYTES": described("1048576", numberFrom(1<<10, 64<<20),
		"Largest body of a request, in bytes."),
	"PRAXIS_DATA_DIR": described("/var/lib/praxis", anything,
		"Directory of the embedded event store, the embedded Postgres, the development issuer's key and mails without a mail server."),
	"DATABASE_URL": described("postgres://praxis:password@db.example.com:5432/praxis?sslmode=verify-full", rule{"a postgres:// URL", hasScheme("postgres", "postgresql")},
		"The Postgres of the read models. An embedded server is started when unset."),
	"EVENTSTOREDB_URL": described("esdb://praxis:password@node1.example.com:2113?tls=true", rule{"an esdb:// or esdb+discover:// URL", hasScheme("esdb", "esdb+discover")},
		"The EventStoreDB that holds the log. An embedded node is started when unset."),
	"PRAXIS_OIDC_ISSUER": described("https://login.example.com/realms/praxis", rule{trustedURL.wants + ", exactly as the issuer spells it", isTrustedURL},
		"The OpenID Connect issuer whose tokens are trusted. The development issuer, for loopback only, is used when unset."),
	"PRAXIS_OIDC_AUDIENCE": described("praxis", anything,
		"What the aud claim of every token must contain."),
	"PRAXIS_OPERATORS": described("auth0|5f7c,auth0|61ab", subjects,
		"Subjects, as the issuer names them, who operate the installation. Separated by commas."),
	"PRAXIS_SELF_SERVICE_CONVERSION": described("true", trueOrFalse,
		"Whether the owners of solo practices may convert them into group practices themselves; operators may always."),
	"PRAXIS_TRIAL_DAYS": described("30", numberFrom(0, 365),
		"How many days an owner's own trial lasts, from when they founded or joined their practice; the practice may make it everybody's. 0 grants no trials. Trials that were started keep their end."),
	"PRAXIS_SMTP_ADDRESS": described("smtp.example.com:587", rule{address.wants, isServerAddress},
		"The mail server; port 465 means TLS from the first byte. Mails are files below PRAXIS_DATA_DIR when unset."),
	"PRAXIS_SMTP_USERNAME": described("praxis", anything,
		"User at the mail server. Needs PRAXIS_SMTP_PASSWORD."),
	"PRAXIS_SMTP_PASSWORD": described("correct-horse-battery", anything,
		"Password of that user."),
	"PRAXIS_SMTP_FROM": described("Praxis <no-reply@praxis.example.com>", rule{"one e-mail address, with or without a name", isMailbox},
		"Address that mails come from. Required with PRAXIS_SMTP_ADDRESS."),
	"PRAXIS_INVITATION_LINK": described("https://app.example.com/join?practice={group}&invitation={invitation}", invitationLink,
		"The page where people answer an invitation; its mail links there. The operation of the API that accepts it when unset."),
	"PRAXIS_STRIPE_SECRET_KEY": described("sk_test_0000", rule{"a key that begins with sk_live_, rk_live_, sk_test_ or rk_test_", beginsWith("sk_live_", "rk_live_", "sk_test_", "rk_test_")},
		"Secret or restricted key of the Stripe account that charges licences. Without it cards are simulated and no money moves. Needs PRAXIS_STRIPE_WEBHOOK_SECRET."),
	"PRAXIS_STRIPE_WEBHOOK_SECRET": described("whsec_0000", rule{"a secret that begins with whsec_", beginsWith("whsec_")},
		"Secret with which Stripe signs what it sends to the webhook endpoint. Needs PRAXIS_STRIPE_SECRET_KEY."),
	"PRAXIS_STRIPE_URL": described("http://127.0.0.1:12111", trustedURL,
		"Where Stripe's API is, for stand-ins in tests. Stripe itself when unset. Needs PRAXIS_STRIPE_SECRET_KEY."),
	"PRAXIS_LOG_LEVEL": described("info", logLevel,
		"Least level that is logged: debug, info, warn or error."),
	"PRAXIS_LOG_REQUESTS": described("true", trueOrFalse,
		"Whether every request is logged, one line each. Failures of the server are logged anyhow."),
	"PRAXIS_LOG_FORMAT": described("json", rule{"text or json", isOneOf("text", "json")},
		"How logs are written: text or json."),
	"OTEL_EXPORTER_OTLP_ENDPOINT": described("http://127.0.0.1:4318", rule{"an absolute http or https URL without user or password", isCollector},
		"Base URL of an OTLP/HTTP collector of traces. Tracing is off when unset. The other OTEL_* variables are honoured too."),
}

func described(example string, must rule, doc string) setting {
	return setting{example: example, must: must, doc: doc}
}
