package config

import (
	"fmt"
	"strconv"
	"strings"
	"time"
)

// setting describes one variable: the same table checks values, explains
// problems and writes the documentation.
type setting struct {
	// field is the name of the field in Config.
	field string
	name  string
	doc   string
	// wants completes "NAME must be …".
	wants   string
	example string
	// isSecret also allows the value to come from a file named by NAME_FILE.
	isSecret bool
	// isValid is asked about values that parse; nil accepts them all.
	isValid func(Config) bool
	show    func(Config) string
	// note says what follows from the value; nil for most.
	note func(Config) string
}

// settings lists every variable in the order of the documentation.
func settings() []setting {
	return []setting{
		{
			field: "Listen", name: "PRAXIS_LISTEN", example: "127.0.0.1:8080",
			doc:     "Address of the HTTP server. Other than loopback addresses need TLS and an OpenID Connect issuer.",
			wants:   "host:port with a port from 0 to 65535",
			isValid: func(c Config) bool { return isListenAddress(c.Listen) },
			show:    func(c Config) string { return c.Listen },
		},
		{
			field: "PublicURL", name: "PRAXIS_PUBLIC_URL", example: "https://praxis.example.com",
			doc:     "Where people reach the server, used in links. Made from the listen address when unset.",
			wants:   "an absolute https URL (http on loopback hosts only) without user, query or fragment",
			isValid: func(c Config) bool { return c.PublicURL == "" || isTrustedURL(c.PublicURL) },
			show:    func(c Config) string { return c.PublicURL },
		},
		{
			field: "TLSCert", name: "PRAXIS_TLS_CERT", example: "/etc/praxis/tls.crt",
			doc:   "PEM file with the certificate chain. Needs PRAXIS_TLS_KEY.",
			wants: "the path of a PEM file",
			show:  func(c Config) string { return c.TLSCert },
		},
		{
			field: "TLSKey", name: "PRAXIS_TLS_KEY", example: "/etc/praxis/tls.key",
			doc:   "PEM file with the private key of the certificate.",
			wants: "the path of a PEM file",
			show:  func(c Config) string { return c.TLSKey },
		},
		{
			field: "IsBehindProxy", name: "PRAXIS_BEHIND_PROXY", example: "true",
			doc:   "Says that a proxy in front ends TLS and sets X-Forwarded-For, which is believed only then.",
			wants: "true or false",
			show:  func(c Config) string { return strconv.FormatBool(c.IsBehindProxy) },
		},
		{
			field: "RequestTimeout", name: "PRAXIS_REQUEST_TIMEOUT", example: "30s",
			doc:     "Longest work for one request.",
			wants:   "a duration from 1s to 10m",
			isValid: func(c Config) bool { return isReasonable(c.RequestTimeout) },
			show:    func(c Config) string { return c.RequestTimeout.String() },
		},
		{
			field: "ShutdownTimeout", name: "PRAXIS_SHUTDOWN_TIMEOUT", example: "20s",
			doc:     "Longest time from when the server is asked to stop until it is gone, whatever hangs. The drain period is part of it.",
			wants:   "a duration from 1s to 10m",
			isValid: func(c Config) bool { return isReasonable(c.ShutdownTimeout) },
			show:    func(c Config) string { return c.ShutdownTimeout.String() },
		},
		{
			field: "DrainPeriod", name: "PRAXIS_DRAIN_PERIOD", example: "5s",
			doc:     "How long a server that gets SIGTERM still takes requests after /readyz has said that it stops: longer than a balancer needs to notice. At most half of PRAXIS_SHUTDOWN_TIMEOUT; Ctrl-C does not wait.",
			wants:   "a duration from 0s to 5m",
			isValid: func(c Config) bool { return c.DrainPeriod >= 0 && c.DrainPeriod <= 5*time.Minute },
			show:    func(c Config) string { return c.DrainPeriod.String() },
		},
		{
			field: "ReadyTimeout", name: "PRAXIS_READY_TIMEOUT", example: "1s",
			doc:     "Longest wait of /readyz for any part. All parts are asked at once.",
			wants:   "a duration from 100ms to 30s",
			isValid: func(c Config) bool { return c.ReadyTimeout >= 100*time.Millisecond && c.ReadyTimeout <= 30*time.Second },
			show:    func(c Config) string { return c.ReadyTimeout.String() },
		},
		{
			field: "MaxBodyBytes", name: "PRAXIS_MAX_BODY_BYTES", example: "1048576",
			doc:     "Largest body of a request, in bytes.",
			wants:   "a whole number from 1024 to 67108864",
			isValid: func(c Config) bool { return c.MaxBodyBytes >= 1<<10 && c.MaxBodyBytes <= 64<<20 },
			show:    func(c Config) string { return strconv.FormatInt(c.MaxBodyBytes, 10) },
		},
		{
			field: "DataDir", name: "PRAXIS_DATA_DIR", example: "/var/lib/praxis",
			doc:   "Directory of the embedded event store, the embedded Postgres, the development issuer's key and mails without a mail server.",
			wants: "the path of a directory",
			show:  func(c Config) string { return c.DataDir },
		},
		{
			field: "DatabaseURL", name: "DATABASE_URL", example: "postgres://praxis:password@db.example.com:5432/praxis?sslmode=verify-full",
			doc:      "The Postgres of the read models. An embedded server is started when unset.",
			wants:    "a postgres:// URL",
			isSecret: true,
			isValid: func(c Config) bool {
				return !c.DatabaseURL.IsSet() || hasScheme(c.DatabaseURL.Reveal(), "postgres", "postgresql")
			},
			show: func(c Config) string { return c.DatabaseURL.String() },
		},
		{
			field: "EventStoreURL", name: "EVENTSTOREDB_URL", example: "esdb://praxis:password@node1.example.com:2113?tls=true",
			doc:      "The EventStoreDB that holds the log. An embedded node is started when unset.",
			wants:    "an esdb:// or esdb+discover:// URL",
			isSecret: true,
			isValid: func(c Config) bool {
				return !c.EventStoreURL.IsSet() || hasScheme(c.EventStoreURL.Reveal(), "esdb", "esdb+discover")
			},
			show: func(c Config) string { return c.EventStoreURL.String() },
		},
		{
			field: "OIDCIssuer", name: "PRAXIS_OIDC_ISSUER", example: "https://login.example.com/realms/praxis",
			doc:     "The OpenID Connect issuer whose tokens are trusted. The development issuer, for loopback only, is used when unset.",
			wants:   "an absolute https URL (http on loopback hosts only) without user, query or fragment, exactly as the issuer spells it",
			isValid: func(c Config) bool { return c.OIDCIssuer == "" || isTrustedURL(c.OIDCIssuer) },
			show:    func(c Config) string { return c.OIDCIssuer },
		},
		{
			field: "OIDCAudience", name: "PRAXIS_OIDC_AUDIENCE", example: "praxis",
			doc:   "What the aud claim of every token must contain.",
			wants: "the name that the issuer gives to this service",
			show:  func(c Config) string { return c.OIDCAudience },
		},
		{
			field: "Operators", name: "PRAXIS_OPERATORS", example: "auth0|5f7c,auth0|61ab",
			doc:     "Subjects, as the issuer names them, who operate the installation. Separated by commas.",
			wants:   "a list of subjects separated by commas, none of them empty or twice",
			isValid: func(c Config) bool { return isDistinct(c.Operators) },
			show:    func(c Config) string { return strings.Join(c.Operators, ",") },
		},
		{
			field: "SelfServiceConversion", name: "PRAXIS_SELF_SERVICE_CONVERSION", example: "true",
			doc:   "Whether the owners of solo practices may convert them into group practices themselves; operators may always.",
			wants: "true or false",
			show:  func(c Config) string { return strconv.FormatBool(c.SelfServiceConversion) },
		},
		{
			field: "TrialDays", name: "PRAXIS_TRIAL_DAYS", example: "30",
			doc:     "How many days an owner's own trial lasts, from when they founded or joined their practice; the practice may make it everybody's. 0 grants no trials. Trials that were started keep their end.",
			wants:   "a whole number from 0 to 365",
			isValid: func(c Config) bool { return c.TrialDays >= 0 && c.TrialDays <= 365 },
			show:    func(c Config) string { return strconv.Itoa(c.TrialDays) },
		},
		{
			field: "SMTPAddress", name: "PRAXIS_SMTP_ADDRESS", example: "smtp.example.com:587",
			doc:     "The mail server; port 465 means TLS from the first byte. Mails are files below PRAXIS_DATA_DIR when unset.",
			wants:   "host:port with a port from 0 to 65535",
			isValid: func(c Config) bool { return c.SMTPAddress == "" || isServerAddress(c.SMTPAddress) },
			show:    func(c Config) string { return c.SMTPAddress },
		},
		{
			field: "SMTPUsername", name: "PRAXIS_SMTP_USERNAME", example: "praxis",
			doc:   "User at the mail server. Needs PRAXIS_SMTP_PASSWORD.",
			wants: "the name of a user",
			show:  func(c Config) string { return c.SMTPUsername },
		},
		{
			field: "SMTPPassword", name: "PRAXIS_SMTP_PASSWORD", example: "correct-horse-battery",
			doc:      "Password of that user.",
			wants:    "a password",
			isSecret: true,
			show:     func(c Config) string { return c.SMTPPassword.String() },
		},
		{
			field: "SMTPFrom", name: "PRAXIS_SMTP_FROM", example: "Praxis <no-reply@praxis.example.com>",
			doc:     "Address that mails come from. Required with PRAXIS_SMTP_ADDRESS.",
			wants:   "one e-mail address, with or without a name",
			isValid: func(c Config) bool { return isMailbox(c.SMTPFrom) },
			show:    func(c Config) string { return c.SMTPFrom },
		},
		{
			field: "InvitationLink", name: "PRAXIS_INVITATION_LINK", example: "https://app.example.com/join?practice={group}&invitation={invitation}",
			doc:     "The page where people answer an invitation; its mail links there. The operation of the API that accepts it when unset.",
			wants:   "an https URL (http on loopback hosts only) without user, with {group} and {invitation} after its host",
			isValid: func(c Config) bool { return c.InvitationLink == "" || isInvitationLink(c.InvitationLink) },
			show:    func(c Config) string { return c.InvitationLink },
		},
		{
			field: "StripeSecretKey", name: "PRAXIS_STRIPE_SECRET_KEY", example: "sk_test_0000",
			doc:      "Secret or restricted key of the Stripe account that charges licences. Without it cards are simulated and no money moves. Needs PRAXIS_STRIPE_WEBHOOK_SECRET.",
			wants:    "a key that begins with sk_live_, rk_live_, sk_test_ or rk_test_",
			isSecret: true,
			isValid: func(c Config) bool {
				return !c.StripeSecretKey.IsSet() || begins(c.StripeSecretKey.Reveal(), "sk_live_", "rk_live_", "sk_test_", "rk_test_")
			},
			show: func(c Config) string { return c.StripeSecretKey.String() },
			note: Config.CardMode,
		},
		{
			field: "StripeWebhookSecret", name: "PRAXIS_STRIPE_WEBHOOK_SECRET", example: "whsec_0000",
			doc:      "Secret with which Stripe signs what it sends to the webhook endpoint. Needs PRAXIS_STRIPE_SECRET_KEY.",
			wants:    "a secret that begins with whsec_",
			isSecret: true,
			isValid: func(c Config) bool {
				return !c.StripeWebhookSecret.IsSet() || begins(c.StripeWebhookSecret.Reveal(), "whsec_")
			},
			show: func(c Config) string { return c.StripeWebhookSecret.String() },
		},
		{
			field: "StripeURL", name: "PRAXIS_STRIPE_URL", example: "http://127.0.0.1:12111",
			doc:     "Where Stripe's API is, for stand-ins in tests. Stripe itself when unset. Needs PRAXIS_STRIPE_SECRET_KEY.",
			wants:   "an absolute https URL (http on loopback hosts only) without user, query or fragment",
			isValid: func(c Config) bool { return c.StripeURL == "" || isTrustedURL(c.StripeURL) },
			show:    func(c Config) string { return c.StripeURL },
		},
		{
			field: "LogLevel", name: "PRAXIS_LOG_LEVEL", example: "info",
			doc:   "Least level that is logged: debug, info, warn or error.",
			wants: "debug, info, warn or error",
			show:  func(c Config) string { return strings.ToLower(c.LogLevel.String()) },
		},
		{
			field: "LogRequests", name: "PRAXIS_LOG_REQUESTS", example: "true",
			doc:   "Whether every request is logged, one line each. Failures of the server are logged anyhow.",
			wants: "true or false",
			show:  func(c Config) string { return strconv.FormatBool(c.LogRequests) },
		},
		{
			field: "LogFormat", name: "PRAXIS_LOG_FORMAT", example: "json",
			doc:     "How logs are written: text or json.",
			wants:   "text or json",
			isValid: func(c Config) bool { return c.LogFormat == "text" || c.LogFormat == "json" },
			show:    func(c Config) string { return c.LogFormat },
		},
		{
			field: "OTLPEndpoint", name: "OTEL_EXPORTER_OTLP_ENDPOINT", example: "http://127.0.0.1:4318",
			doc:     "Base URL of an OTLP/HTTP collector of traces. Tracing is off when unset. The other OTEL_* variables are honoured too.",
			wants:   "an absolute http or https URL without user or password",
			isValid: func(c Config) bool { return c.OTLPEndpoint == "" || isCollector(c.OTLPEndpoint) },
			show:    func(c Config) string { return c.OTLPEndpoint },
		},
	}
}

// problem says what the setting's value must be.
func (s setting) problem() Problem {
	return Problem{Name: s.name, Wrong: "must be " + s.wants, Example: fmt.Sprintf("%s=%s", s.name, s.example)}
}
