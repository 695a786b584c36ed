package config_test

import (
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/x509"
	"encoding/pem"
	"log/slog"
	"math/big"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"praxis/adapters/config"
	"praxis/domain/fault"
)

func load(t testing.TB, environ ...string) config.Config {
	t.Helper()
	c, err := config.Load(environ)
	require.NoError(t, err)
	return c
}

// wrong returns the problems of an environment, by variable.
func wrong(t testing.TB, environ ...string) map[string]string {
	t.Helper()
	c, err := config.Load(environ)
	require.Zero(t, c, "nothing of a bad configuration may be used")
	require.ErrorIs(t, err, config.ErrInvalid)
	require.Equal(t, fault.Invalid, fault.KindOf(err))
	var problems config.Problems
	require.ErrorAs(t, err, &problems)
	found := map[string]string{}
	for _, p := range problems {
		require.NotContains(t, found, p.Name, "one problem for each variable")
		require.Contains(t, p.Example, "=")
		require.Contains(t, err.Error(), p.String())
		found[p.Name] = p.Wrong
	}
	return found
}

func TestAnEmptyEnvironmentIsADevelopmentMachine(t *testing.T) {
	for name, environ := range map[string][]string{
		"nothing set":   nil,
		"set but blank": {"PRAXIS_LISTEN=", "PRAXIS_LOG_LEVEL= ", "DATABASE_URL=", "PRAXIS_OPERATORS=", "DATABASE_URL_FILE="},
		"odd entries":   {"", "=", "=C:=C:\\", "PRAXIS_LISTEN"},
	} {
		t.Run(name, func(t *testing.T) {
			c := load(t, environ...)
			require.Equal(t, "127.0.0.1:8080", c.Listen)
			require.Equal(t, "./.praxis", c.DataDir)
			require.False(t, c.DatabaseURL.IsSet())
			require.False(t, c.EventStoreURL.IsSet())
			require.True(t, c.UsesDevelopmentIssuer())
			require.Equal(t, "praxis", c.OIDCAudience)
			require.Empty(t, c.Operators)
			require.False(t, c.IsBehindProxy)
			require.False(t, c.UsesTLS())
			require.Equal(t, slog.LevelInfo, c.LogLevel)
			require.Equal(t, "text", c.LogFormat)
			require.Equal(t, 30*time.Second, c.RequestTimeout)
			require.Equal(t, 20*time.Second, c.ShutdownTimeout)
			require.Equal(t, 3*time.Second, c.DrainPeriod)
			require.Equal(t, time.Second, c.ReadyTimeout)
			require.False(t, c.LogRequests)
			require.Equal(t, int64(1<<20), c.MaxBodyBytes)
			require.Equal(t, 30, c.TrialDays)
			require.Empty(t, c.OTLPEndpoint)
			require.False(t, c.SendsMail())
			require.Equal(t, "praxis@localhost", c.SMTPFrom)
			require.False(t, c.ChargesCards())
			require.Equal(t, "http://127.0.0.1:8080", c.BaseURL())
			require.Empty(t, c.Warnings)
		})
	}
}

func TestEveryVariableIsRead(t *testing.T) {
	cert, key := keyPair(t)
	c := load(t,
		"PRAXIS_LISTEN=0.0.0.0:8443", "PRAXIS_DATA_DIR=/var/lib/praxis",
		"DATABASE_URL=postgres://u:p@db/praxis", "EVENTSTOREDB_URL=esdb+discover://u:p@es:2113",
		"PRAXIS_OIDC_ISSUER=https://login.example.com/", "PRAXIS_OIDC_AUDIENCE=api", "PRAXIS_PUBLIC_URL=https://praxis.example.com/",
		"PRAXIS_TLS_CERT="+cert, "PRAXIS_TLS_KEY="+key, "PRAXIS_BEHIND_PROXY=true", "PRAXIS_LOG_LEVEL=debug", "PRAXIS_LOG_FORMAT=json",
		"PRAXIS_SHUTDOWN_TIMEOUT=5s", "PRAXIS_DRAIN_PERIOD=0s", "PRAXIS_READY_TIMEOUT=2s", "PRAXIS_LOG_REQUESTS=true", "PRAXIS_REQUEST_TIMEOUT=1m30s", "PRAXIS_MAX_BODY_BYTES=2048",
		"PRAXIS_SMTP_ADDRESS=smtp.example.com:587", "PRAXIS_SMTP_USERNAME=u", "PRAXIS_SMTP_PASSWORD=p", "PRAXIS_SMTP_FROM=Praxis <p@example.com>",
		"PRAXIS_INVITATION_LINK=https://app.example.com/{group}/{invitation}",
		"PRAXIS_STRIPE_SECRET_KEY=sk_test_x", "PRAXIS_STRIPE_WEBHOOK_SECRET=whsec_x", "PRAXIS_STRIPE_URL=http://127.0.0.1:12111",
		"PRAXIS_OPERATORS= auth0|a , auth0|b", "PRAXIS_SELF_SERVICE_CONVERSION=true", "PRAXIS_TRIAL_DAYS=0", "OTEL_EXPORTER_OTLP_ENDPOINT=http://collector:4318", "HOME=/root",
	)
	require.Equal(t, "0.0.0.0:8443", c.Listen)
	require.Equal(t, "/var/lib/praxis", c.DataDir)
	require.Equal(t, "postgres://u:p@db/praxis", c.DatabaseURL.Reveal())
	require.Equal(t, "esdb+discover://u:p@es:2113", c.EventStoreURL.Reveal())
	require.Equal(t, "https://login.example.com/", c.OIDCIssuer, "an issuer is taken to the letter")
	require.False(t, c.UsesDevelopmentIssuer())
	require.Equal(t, "api", c.OIDCAudience)
	require.Equal(t, "https://praxis.example.com", c.BaseURL())
	require.True(t, c.UsesTLS())
	require.True(t, c.IsBehindProxy)
	require.Equal(t, slog.LevelDebug, c.LogLevel)
	require.Equal(t, "json", c.LogFormat)
	require.Equal(t, 5*time.Second, c.ShutdownTimeout)
	require.Zero(t, c.DrainPeriod)
	require.Equal(t, 2*time.Second, c.ReadyTimeout)
	require.True(t, c.LogRequests)
	require.Equal(t, 90*time.Second, c.RequestTimeout)
	require.Equal(t, int64(2048), c.MaxBodyBytes)
	require.Equal(t, []string{"auth0|a", "auth0|b"}, c.Operators)
	require.True(t, c.SelfServiceConversion)
	require.Zero(t, c.TrialDays)
	require.Equal(t, "http://collector:4318", c.OTLPEndpoint)
	require.True(t, c.SendsMail())
	require.Equal(t, []string{"smtp.example.com:587", "u", "p", "Praxis <p@example.com>"}, []string{c.SMTPAddress, c.SMTPUsername, c.SMTPPassword.Reveal(), c.SMTPFrom})
	require.True(t, c.ChargesCards())
	require.Equal(t, []string{"sk_test_x", "whsec_x", "http://127.0.0.1:12111"}, []string{c.StripeSecretKey.Reveal(), c.StripeWebhookSecret.Reveal(), c.StripeURL})
	require.Empty(t, c.Warnings, "every name is known")
	for _, row := range c.Describe() {
		require.False(t, row.IsDefault, row.Name)
	}
}

func TestBadValuesAreNamedWithoutRepeatingThem(t *testing.T) {
	for name, tc := range map[string]struct{ variable, value, wants string }{
		"no port":                       {"PRAXIS_LISTEN", "SENSITIVE", "must be host:port"},
		"a port too high":               {"PRAXIS_LISTEN", "127.0.0.1:70000", "must be host:port"},
		"a named port":                  {"PRAXIS_LISTEN", "127.0.0.1:http", "must be host:port"},
		"no boolean":                    {"PRAXIS_BEHIND_PROXY", "SENSITIVE", "must be true or false"},
		"no duration":                   {"PRAXIS_REQUEST_TIMEOUT", "SENSITIVE", "must be a duration"},
		"a duration of nothing":         {"PRAXIS_REQUEST_TIMEOUT", "0s", "must be a duration"},
		"a negative duration":           {"PRAXIS_SHUTDOWN_TIMEOUT", "-5s", "must be a duration"},
		"a duration too long":           {"PRAXIS_SHUTDOWN_TIMEOUT", "11m", "must be a duration"},
		"no number":                     {"PRAXIS_MAX_BODY_BYTES", "SENSITIVE", "must be a whole number"},
		"a number too large":            {"PRAXIS_MAX_BODY_BYTES", "99999999999999999999", "must be a whole number"},
		"a number too small":            {"PRAXIS_MAX_BODY_BYTES", "1023", "must be a whole number"},
		"a trial of words":              {"PRAXIS_TRIAL_DAYS", "SENSITIVE", "must be a whole number from 0 to 365"},
		"a trial of more than a year":   {"PRAXIS_TRIAL_DAYS", "366", "must be a whole number from 0 to 365"},
		"a trial of less than nothing":  {"PRAXIS_TRIAL_DAYS", "-1", "must be a whole number from 0 to 365"},
		"no level":                      {"PRAXIS_LOG_LEVEL", "SENSITIVE", "must be debug, info, warn or error"},
		"no format":                     {"PRAXIS_LOG_FORMAT", "SENSITIVE", "must be text or json"},
		"an issuer over http":           {"PRAXIS_OIDC_ISSUER", "http://SENSITIVE.example.com", "must be an absolute https URL"},
		"an issuer with query":          {"PRAXIS_OIDC_ISSUER", "https://login.example.com?SENSITIVE", "must be an absolute https URL"},
		"a public URL of ftp":           {"PRAXIS_PUBLIC_URL", "ftp://SENSITIVE", "must be an absolute https URL"},
		"an operator twice":             {"PRAXIS_OPERATORS", "SENSITIVE,SENSITIVE", "must be a list of subjects"},
		"an empty operator":             {"PRAXIS_OPERATORS", "SENSITIVE, ,b", "must be a list of subjects"},
		"a database of MySQL":           {"DATABASE_URL", "mysql://u:SENSITIVE@db", "must be a postgres:// URL"},
		"a broken database URL":         {"DATABASE_URL", "postgres://u:SENSITIVE%zz@db", "must be a postgres:// URL"},
		"a store over http":             {"EVENTSTOREDB_URL", "http://u:SENSITIVE@es", "must be an esdb:// or"},
		"a collector over gRPC":         {"OTEL_EXPORTER_OTLP_ENDPOINT", "grpc://SENSITIVE", "must be an absolute http or https URL"},
		"a collector with user":         {"OTEL_EXPORTER_OTLP_ENDPOINT", "https://u:SENSITIVE@c", "must be an absolute http or https URL"},
		"a mail server's name":          {"PRAXIS_SMTP_ADDRESS", "SENSITIVE.example.com", "must be host:port"},
		"a mail server nowhere":         {"PRAXIS_SMTP_ADDRESS", ":25", "must be host:port"},
		"no sender's address":           {"PRAXIS_SMTP_FROM", "SENSITIVE", "must be one e-mail address"},
		"a link without practice":       {"PRAXIS_INVITATION_LINK", "https://SENSITIVE.example.com/{invitation}", "must be an https URL"},
		"a link to a practice":          {"PRAXIS_INVITATION_LINK", "https://{group}.SENSITIVE/{invitation}", "must be an https URL"},
		"a link to no host":             {"PRAXIS_INVITATION_LINK", "https://{group}{invitation}", "must be an https URL"},
		"a link over http":              {"PRAXIS_INVITATION_LINK", "http://SENSITIVE.example.com/{group}/{invitation}", "must be an https URL"},
		"a link with a user":            {"PRAXIS_INVITATION_LINK", "https://SENSITIVE@a.example.com/{group}/{invitation}", "must be an https URL"},
		"a link of two lines":           {"PRAXIS_INVITATION_LINK", "https://a.example.com/{group}/{invitation}\nSENSITIVE", "must be an https URL"},
		"a publishable key":             {"PRAXIS_STRIPE_SECRET_KEY", "pk_live_SENSITIVE", "must be a key that begins with"},
		"Stripe elsewhere in the clear": {"PRAXIS_STRIPE_URL", "http://stripe.example.com/SENSITIVE", "must be an absolute https URL"},
		"no webhook secret":             {"PRAXIS_STRIPE_WEBHOOK_SECRET", "SENSITIVE", "must be a secret that begins with"},
		"a missing secret file":         {"DATABASE_URL_FILE", "/nonexistent/SENSITIVE", "names a file that cannot be used: no such file or directory"},
		"a secret directory":            {"EVENTSTOREDB_URL_FILE", "/", "names a file that cannot be used: it is not a regular file"},
		"a secret device":               {"EVENTSTOREDB_URL_FILE", "/dev/zero", "names a file that cannot be used: it is not a regular file"},
	} {
		t.Run(name, func(t *testing.T) {
			environ := tc.variable + "=" + tc.value
			got := wrong(t, environ)
			require.Len(t, got, 1)
			require.Contains(t, got[tc.variable], tc.wants)
			_, err := config.Load([]string{environ})
			require.NotContains(t, err.Error(), "SENSITIVE")
		})
	}
}

func TestAllProblemsAreReportedAtOnce(t *testing.T) {
	got := wrong(t, "PRAXIS_LISTEN=nowhere", "PRAXIS_LOG_LEVEL=loud", "PRAXIS_MAX_BODY_BYTES=many", "DATABASE_URL=x",
		"PRAXIS_TLS_KEY=/k", "PRAXIS_BEHIND_PROXY=yes", "EVENTSTOREDB_URL=esdb://h", "EVENTSTOREDB_URL_FILE=/f")
	require.Len(t, got, 7)
	for _, name := range []string{
		"PRAXIS_LISTEN", "PRAXIS_LOG_LEVEL", "PRAXIS_MAX_BODY_BYTES", "DATABASE_URL", "PRAXIS_TLS_CERT", "PRAXIS_BEHIND_PROXY", "EVENTSTOREDB_URL_FILE",
	} {
		require.Contains(t, got, name)
	}
}

func TestSecretsMayComeFromFiles(t *testing.T) {
	file := filepath.Join(t.TempDir(), "database_url")
	require.NoError(t, os.WriteFile(file, []byte("postgres://u:p@db/praxis\n"), 0o600))
	c := load(t, "DATABASE_URL_FILE="+file)
	require.Equal(t, "postgres://u:p@db/praxis", c.DatabaseURL.Reveal())
	require.Empty(t, c.Warnings)

	require.NoError(t, os.WriteFile(file, []byte(" \n"), 0o600))
	require.Equal(t, "names a file that cannot be used: it is empty", wrong(t, "DATABASE_URL_FILE="+file)["DATABASE_URL_FILE"])
	require.NoError(t, os.WriteFile(file, []byte(strings.Repeat("x", 64<<10+1)), 0o600))
	require.Equal(t, "names a file that cannot be used: it is larger than 64 KiB", wrong(t, "DATABASE_URL_FILE="+file)["DATABASE_URL_FILE"])
	require.Contains(t, wrong(t, "DATABASE_URL=postgres://db", "DATABASE_URL_FILE="+file)["DATABASE_URL_FILE"], "must not be set together with DATABASE_URL")
}

func TestUnsafeCombinationsAreRefused(t *testing.T) {
	cert, key := keyPair(t)
	otherCert, _ := keyPair(t)
	const issuer = "PRAXIS_OIDC_ISSUER=https://login.example.com"
	for name, tc := range map[string]struct {
		environ []string
		names   []string
	}{
		"the network without anything":            {[]string{"PRAXIS_LISTEN=:8080"}, []string{"PRAXIS_OIDC_ISSUER", "PRAXIS_TLS_CERT"}},
		"the network by a name":                   {[]string{"PRAXIS_LISTEN=localhost.example.com:80"}, []string{"PRAXIS_OIDC_ISSUER", "PRAXIS_TLS_CERT"}},
		"the network without TLS":                 {[]string{"PRAXIS_LISTEN=[::]:8080", issuer}, []string{"PRAXIS_TLS_CERT"}},
		"the network with the development issuer": {[]string{"PRAXIS_LISTEN=0.0.0.0:8443", "PRAXIS_TLS_CERT=" + cert, "PRAXIS_TLS_KEY=" + key}, []string{"PRAXIS_OIDC_ISSUER"}},
		"a proxy with the development issuer":     {[]string{"PRAXIS_BEHIND_PROXY=true"}, []string{"PRAXIS_OIDC_ISSUER"}},
		"a public name, development issuer":       {[]string{"PRAXIS_PUBLIC_URL=https://praxis.example.com"}, []string{"PRAXIS_OIDC_ISSUER"}},
		"a certificate without a key":             {[]string{"PRAXIS_TLS_CERT=" + cert}, []string{"PRAXIS_TLS_KEY"}},
		"a key without a certificate":             {[]string{"PRAXIS_TLS_KEY=" + key}, []string{"PRAXIS_TLS_CERT"}},
		"a certificate of another key":            {[]string{"PRAXIS_TLS_CERT=" + otherCert, "PRAXIS_TLS_KEY=" + key}, []string{"PRAXIS_TLS_CERT"}},
		"a mail user without a password":          {[]string{"PRAXIS_SMTP_USERNAME=u"}, []string{"PRAXIS_SMTP_PASSWORD"}},
		"a mail password without a user":          {[]string{"PRAXIS_SMTP_PASSWORD=p"}, []string{"PRAXIS_SMTP_USERNAME"}},
		"a mail server without a sender":          {[]string{"PRAXIS_SMTP_ADDRESS=smtp.example.com:25"}, []string{"PRAXIS_SMTP_FROM"}},
		"a Stripe key without its webhooks":       {[]string{"PRAXIS_STRIPE_SECRET_KEY=sk_test_x"}, []string{"PRAXIS_STRIPE_WEBHOOK_SECRET"}},
		"a stand-in for Stripe without a key":     {[]string{"PRAXIS_STRIPE_URL=http://127.0.0.1:1"}, []string{"PRAXIS_STRIPE_SECRET_KEY"}},
		"Stripe's webhooks without a key":         {[]string{"PRAXIS_STRIPE_WEBHOOK_SECRET=whsec_x"}, []string{"PRAXIS_STRIPE_SECRET_KEY"}},
		"a certificate that is not there":         {[]string{"PRAXIS_TLS_CERT=/nonexistent", "PRAXIS_TLS_KEY=" + key}, []string{"PRAXIS_TLS_CERT"}},
	} {
		t.Run(name, func(t *testing.T) {
			got := wrong(t, tc.environ...)
			require.Len(t, got, len(tc.names))
			for _, n := range tc.names {
				require.Contains(t, got, n)
			}
		})
	}
	for name, environ := range map[string][]string{
		"the network with TLS":       {"PRAXIS_LISTEN=:8443", issuer, "PRAXIS_TLS_CERT=" + cert, "PRAXIS_TLS_KEY=" + key},
		"the network behind a proxy": {"PRAXIS_LISTEN=:8080", issuer, "PRAXIS_BEHIND_PROXY=true"},
		"loopback by IPv6":           {"PRAXIS_LISTEN=[::1]:8080"},
		"loopback by name":           {"PRAXIS_LISTEN=localhost:0"},
		"loopback with TLS":          {"PRAXIS_TLS_CERT=" + cert, "PRAXIS_TLS_KEY=" + key},
	} {
		t.Run(name, func(t *testing.T) { load(t, environ...) })
	}
}

func TestLinksWithoutAPublicURLAreWarnedOf(t *testing.T) {
	c := load(t, "PRAXIS_LISTEN=:9000", "PRAXIS_OIDC_ISSUER=https://login.example.com", "PRAXIS_BEHIND_PROXY=true")
	require.Equal(t, []string{"PRAXIS_PUBLIC_URL is not set: links will point to http://localhost:9000"}, c.Warnings)
}

func TestInvitationsThatLeadToNoPageAreWarnedOf(t *testing.T) {
	mail := []string{"PRAXIS_SMTP_ADDRESS=smtp.example.com:587", "PRAXIS_SMTP_FROM=praxis@example.com"}
	c := load(t, mail...)
	require.Equal(t, []string{"PRAXIS_INVITATION_LINK is not set: mails of invitations name an operation of the API, which nobody can open in a browser"}, c.Warnings)
	require.Empty(t, load(t, append(mail, "PRAXIS_INVITATION_LINK=https://app.example.com/join?practice={group}&invitation={invitation}")...).Warnings)
}

func TestUnknownVariablesAreWarnedOfWithTheNearestName(t *testing.T) {
	c := load(t, "PRAXIS_LISTENN=1", "PRAXIS_OICD_ISSUER=x", "PRAXIS_DATABASE_URL=secret", "PRAXIS_SOMETHING_ELSE_ENTIRELY=x", "PRAXIS_TEST_DATABASE_URL=x", "PRAXIS_NODE_PASSWORD=x", "OTHER=1")
	require.Equal(t, []string{
		`"PRAXIS_DATABASE_URL" is not a variable of praxis and has no effect; did you mean DATABASE_URL?`,
		`"PRAXIS_LISTENN" is not a variable of praxis and has no effect; did you mean PRAXIS_LISTEN?`,
		`"PRAXIS_OICD_ISSUER" is not a variable of praxis and has no effect; did you mean PRAXIS_OIDC_ISSUER?`,
		`"PRAXIS_SOMETHING_ELSE_ENTIRELY" is not a variable of praxis and has no effect`,
	}, c.Warnings)
}

// keyPair writes a self-signed certificate and its key.
func keyPair(t testing.TB) (certFile, keyFile string) {
	t.Helper()
	private, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	require.NoError(t, err)
	template := &x509.Certificate{SerialNumber: big.NewInt(1), NotAfter: time.Date(2030, 1, 1, 0, 0, 0, 0, time.UTC)}
	cert, err := x509.CreateCertificate(rand.Reader, template, template, &private.PublicKey, private)
	require.NoError(t, err)
	key, err := x509.MarshalPKCS8PrivateKey(private)
	require.NoError(t, err)
	dir := t.TempDir()
	certFile, keyFile = filepath.Join(dir, "tls.crt"), filepath.Join(dir, "tls.key")
	require.NoError(t, os.WriteFile(certFile, pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: cert}), 0o600))
	require.NoError(t, os.WriteFile(keyFile, pem.EncodeToMemory(&pem.Block{Type: "PRIVATE KEY", Bytes: key}), 0o600))
	return certFile, keyFile
}

func FuzzLoad(f *testing.F) {
	f.Add("PRAXIS_LISTEN", ":8080", "PRAXIS_OIDC_ISSUER", "https://login.example.com")
	f.Add("DATABASE_URL", "postgres://u:p@h/d", "PRAXIS_LISTENN", "x")
	f.Add("PRAXIS_BEHIND_PROXY", "1", "PRAXIS_MAX_BODY_BYTES", "-1")
	f.Add("PRAXIS_PUBLIC_URL", "http://127.0.0.1", "PRAXIS_OPERATORS", "a,b")
	f.Fuzz(func(t *testing.T, name1, value1, name2, value2 string) {
		c, err := config.Load([]string{name1 + "=" + value1, name2 + "=" + value2})
		if err != nil {
			require.ErrorIs(t, err, config.ErrInvalid)
			require.NotEmpty(t, err.Error())
			return
		}
		require.NotEmpty(t, c.Listen)
		require.NotEmpty(t, c.OIDCAudience)
		if c.UsesDevelopmentIssuer() {
			require.False(t, c.IsBehindProxy)
		}
		for _, row := range c.Describe() {
			if row.IsSecret && !row.IsDefault {
				require.Equal(t, "[redacted]", row.Value)
			}
		}
	})
}
