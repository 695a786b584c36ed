package config

import (
	"crypto/tls"
	"net/url"
	"os"

	"praxis/adapters/loopback"
)

// checkRules finds combinations that contradict themselves or would be unsafe.
// A rule is silent while a variable it reads has a problem of its own.
func checkRules(c Config, known Problems) Problems {
	var problems Problems
	add := func(name, wrong, example string) {
		problems = append(problems, Problem{Name: name, Wrong: wrong, Example: name + "=" + example})
	}
	const issuerExample = "https://login.example.com/realms/praxis"
	isExposed := !isLoopbackListen(c) && !known.concern("PRAXIS_LISTEN", "PRAXIS_BEHIND_PROXY")

	if c.UsesDevelopmentIssuer() && !known.concern("PRAXIS_OIDC_ISSUER") {
		switch {
		case isExposed:
			add("PRAXIS_OIDC_ISSUER", "is required when PRAXIS_LISTEN is not a loopback address: the development issuer asks for no password", issuerExample)
		case c.IsBehindProxy:
			add("PRAXIS_OIDC_ISSUER", "is required when PRAXIS_BEHIND_PROXY is true: the development issuer asks for no password", issuerExample)
		case isPublic(c.PublicURL) && !known.concern("PRAXIS_PUBLIC_URL"):
			add("PRAXIS_OIDC_ISSUER", "is required when PRAXIS_PUBLIC_URL is not on a loopback host: the development issuer asks for no password", issuerExample)
		}
	}
	switch {
	case c.TLSCert != "" && c.TLSKey == "":
		add("PRAXIS_TLS_KEY", "is required when PRAXIS_TLS_CERT is set", "/etc/praxis/tls.key")
	case c.TLSCert == "" && c.TLSKey != "":
		add("PRAXIS_TLS_CERT", "is required when PRAXIS_TLS_KEY is set", "/etc/praxis/tls.crt")
	case c.TLSCert != "":
		if wrong := checkKeyPair(c.TLSCert, c.TLSKey); wrong != "" {
			add("PRAXIS_TLS_CERT", wrong, "/etc/praxis/tls.crt")
		}
	case isExposed && !c.IsBehindProxy:
		add("PRAXIS_TLS_CERT", "and PRAXIS_TLS_KEY are required when PRAXIS_LISTEN is not a loopback address, unless PRAXIS_BEHIND_PROXY is true", "/etc/praxis/tls.crt")
	}
	return append(problems, checkServices(c, known)...)
}

// checkServices finds what is missing for mails and cards.
func checkServices(c Config, known Problems) Problems {
	var problems Problems
	// together says that the second variable is needed where the first is set.
	together := func(first, second string, isFirst, isSecond bool, example string) {
		if isFirst && !isSecond && !known.concern(first, second) {
			problems = append(problems, Problem{Name: second, Wrong: "is required when " + first + " is set", Example: second + "=" + example})
		}
	}
	const user, password = "PRAXIS_SMTP_USERNAME", "PRAXIS_SMTP_PASSWORD"
	together(user, password, c.SMTPUsername != "", c.SMTPPassword.IsSet(), "correct-horse-battery")
	together(password, user, c.SMTPPassword.IsSet(), c.SMTPUsername != "", "praxis")
	together("PRAXIS_SMTP_ADDRESS", "PRAXIS_SMTP_FROM", c.SendsMail(), c.given["PRAXIS_SMTP_FROM"], "no-reply@praxis.example.com")
	const key, webhook = "PRAXIS_STRIPE_SECRET_KEY", "PRAXIS_STRIPE_WEBHOOK_SECRET"
	if c.ChargesCards() && !c.StripeWebhookSecret.IsSet() && !known.concern(key, webhook) {
		problems = append(problems, Problem{
			Name: webhook, Example: webhook + "=whsec_0000",
			Wrong: "is required when " + key + " is set, because late payments, failures and refunds are learnt from what Stripe sends to /v1/webhooks/cards, and only this secret tells that it comes from Stripe",
		})
	}
	together("PRAXIS_STRIPE_URL", key, c.StripeURL != "", c.ChargesCards(), "sk_test_0000")
	together(webhook, key, c.StripeWebhookSecret.IsSet(), c.ChargesCards(), "sk_test_0000")
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
