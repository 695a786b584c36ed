package config

import (
	"crypto/tls"
	"net/url"
	"os"

	"praxis/adapters/loopback"
)

// pairs lists what is needed where something else is given.
var pairs = []struct{ given, needed, because string }{
	{"PRAXIS_TLS_CERT", "PRAXIS_TLS_KEY", ""},
	{"PRAXIS_TLS_KEY", "PRAXIS_TLS_CERT", ""},
	{"PRAXIS_SMTP_USERNAME", "PRAXIS_SMTP_PASSWORD", ""},
	{"PRAXIS_SMTP_PASSWORD", "PRAXIS_SMTP_USERNAME", ""},
	{
		"PRAXIS_STRIPE_SECRET_KEY", "PRAXIS_STRIPE_WEBHOOK_SECRET",
		", because late payments, failures and refunds are learnt from what Stripe sends to /v1/webhooks/cards, and only this secret tells that it comes from Stripe",
	},
	{"PRAXIS_STRIPE_URL", "PRAXIS_STRIPE_SECRET_KEY", ""},
	{"PRAXIS_STRIPE_WEBHOOK_SECRET", "PRAXIS_STRIPE_SECRET_KEY", ""},
}

// checkRules finds combinations that contradict themselves or would be unsafe.
// A rule is silent while a variable it reads has a problem of its own.
func checkRules(c Config, known Problems) Problems {
	var problems Problems
	add := func(name, wrong string) {
		s := about[name]
		s.name = name
		problems = append(problems, s.problem(wrong))
	}
	isExposed := !isLoopbackListen(c) && !known.concern("PRAXIS_LISTEN", "PRAXIS_BEHIND_PROXY")

	if c.UsesDevelopmentIssuer() && !known.concern("PRAXIS_OIDC_ISSUER") {
		switch {
		case isExposed:
			add("PRAXIS_OIDC_ISSUER", "is required when PRAXIS_LISTEN is not a loopback address: the development issuer asks for no password")
		case c.IsBehindProxy:
			add("PRAXIS_OIDC_ISSUER", "is required when PRAXIS_BEHIND_PROXY is true: the development issuer asks for no password")
		case isPublic(c.PublicURL):
			add("PRAXIS_OIDC_ISSUER", "is required when PRAXIS_PUBLIC_URL is not on a loopback host: the development issuer asks for no password")
		}
	}
	switch {
	case c.TLSCert != "" && c.TLSKey != "":
		if wrong := checkKeyPair(c.TLSCert, c.TLSKey); wrong != "" {
			add("PRAXIS_TLS_CERT", wrong)
		}
	case c.TLSCert == "" && c.TLSKey == "" && isExposed && !c.IsBehindProxy:
		add("PRAXIS_TLS_CERT", "and PRAXIS_TLS_KEY are required when PRAXIS_LISTEN is not a loopback address, unless PRAXIS_BEHIND_PROXY is true")
	}
	if c.SendsMail() && !c.given["PRAXIS_SMTP_FROM"] {
		// The documented example has a name, too, which a shell would not take as it is.
		problems = append(problems, Problem{"PRAXIS_SMTP_FROM", "is required when PRAXIS_SMTP_ADDRESS is set", "PRAXIS_SMTP_FROM=no-reply@praxis.example.com"})
	}
	for _, p := range pairs {
		if c.given[p.given] && !c.given[p.needed] && !known.concern(p.given, p.needed) {
			add(p.needed, "is required when "+p.given+" is set"+p.because)
		}
	}
	return problems
}

func isLoopbackListen(c Config) bool { return loopback.Authority(c.Listen) }

// isPublic reports whether the URL, where one is given, leads beyond this machine.
func isPublic(raw string) bool {
	u, err := url.Parse(raw)
	return raw != "" && err == nil && !loopback.Is(u.Hostname())
}

// checkKeyPair says what is wrong with a certificate and its key, or nothing.
func checkKeyPair(certFile, keyFile string) string {
	for _, file := range []string{certFile, keyFile} {
		if info, err := os.Stat(file); err != nil || !info.Mode().IsRegular() {
			return "and PRAXIS_TLS_KEY must both be files that can be read"
		}
	}
	if _, err := tls.LoadX509KeyPair(certFile, keyFile); err != nil {
		return "and PRAXIS_TLS_KEY must be readable PEM files of a certificate and the private key that belongs to it"
	}
	return ""
}
