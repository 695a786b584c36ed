package eventstore

import (
	"crypto/tls"
	"crypto/x509"
	"net/url"
	"os"
	"strconv"
	"strings"
	"time"

	"github.com/EventStore/EventStore-Client-Go/v4/esdb"
)

// options are what may follow the question mark, by the names of the official clients;
// set says what is wrong with a value, if anything.
var options = []struct {
	name string
	set  func(c *connection, value string) (wrong string)
}{
	{"tls", flag(func(c *connection, on bool) { c.client.DisableTLS = !on })},
	{"tlsVerifyCert", flag(func(c *connection, on bool) { c.client.SkipCertificateVerification = !on })},
	{"tlsCaFile", (*connection).trust},
	{"userCertFile", func(c *connection, path string) string { c.client.UserCertFile = path; return "" }},
	{"userKeyFile", func(c *connection, path string) string { c.client.UserKeyFile = path; return "" }},
	{"nodePreference", (*connection).prefer},
	{"maxDiscoverAttempts", number(1, 100, "", func(c *connection, n int) { c.attempts = n })},
	{"discoveryInterval", milliseconds(10, 10_000, func(c *connection, d time.Duration) { c.pause = d })},
	{"gossipTimeout", number(1, 60, " (seconds)", func(c *connection, n int) { c.client.GossipTimeout = n })},
	{"keepAliveInterval", (*connection).keepAlive},
	{"keepAliveTimeout", milliseconds(1_000, 3_600_000, func(c *connection, d time.Duration) { c.client.KeepAliveTimeout = d })},
	{"defaultDeadline", milliseconds(100, 600_000, func(c *connection, d time.Duration) { c.patience = d })},
}

// options reads the part after the question mark.
func (c *connection) options(query string) error {
	seen := map[string]bool{}
	for pair := range strings.SplitSeq(query, "&") {
		if pair == "" {
			continue
		}
		name, value, _ := strings.Cut(pair, "=")
		value, err := url.QueryUnescape(value)
		if err != nil {
			return malformed("options", "a value is not percent-encoded")
		}
		if name, err = c.option(name, value); err != nil {
			return err
		}
		if seen[name] {
			return malformed("option "+strings.ToLower(name), "is given twice")
		}
		seen[name] = true
	}
	return nil
}

// option sets one option and returns its proper name.
func (c *connection) option(name, value string) (string, error) {
	var known []string
	for _, o := range options {
		if !strings.EqualFold(o.name, name) {
			known = append(known, o.name)
			continue
		}
		if wrong := o.set(c, value); wrong != "" {
			return "", malformed("option "+o.name, wrong)
		}
		return o.name, nil
	}
	last := len(known) - 1
	return "", malformed("options", "one has an unknown name. Known are "+strings.Join(known[:last], ", ")+" and "+known[last])
}

func flag(set func(c *connection, on bool)) func(*connection, string) string {
	return func(c *connection, value string) string {
		on := strings.EqualFold(value, "true")
		if !on && !strings.EqualFold(value, "false") {
			return "must be true or false"
		}
		set(c, on)
		return ""
	}
}

func number(least, most int, unit string, set func(c *connection, n int)) func(*connection, string) string {
	return func(c *connection, value string) string {
		n, err := strconv.Atoi(value)
		if err != nil || n < least || n > most {
			return "must be a whole number from " + strconv.Itoa(least) + " to " + strconv.Itoa(most) + unit
		}
		set(c, n)
		return ""
	}
}

func milliseconds(least, most int, set func(c *connection, d time.Duration)) func(*connection, string) string {
	return number(least, most, " (milliseconds)", func(c *connection, n int) { set(c, time.Duration(n)*time.Millisecond) })
}

// keepAlive takes milliseconds, or -1 for never. The client's documentation says seconds
// where its code says milliseconds, so that 10 would ping a hundred times a second.
func (c *connection) keepAlive(value string) string {
	if value == "-1" {
		c.client.KeepAliveInterval = -1
		return ""
	}
	return milliseconds(10_000, 3_600_000, func(c *connection, d time.Duration) { c.client.KeepAliveInterval = d })(c, value)
}

// prefer takes no other node than the leader: the others answer reads with an
// older state, on which commands would be decided.
func (c *connection) prefer(node string) string {
	if !strings.EqualFold(node, "leader") {
		return "must be leader or left out: Praxis decides on the newest state, which other nodes may not have yet"
	}
	c.client.NodePreference = esdb.NodePreferenceLeader
	return ""
}

// trust takes the file of the authorities that sign the server's certificate.
func (c *connection) trust(path string) string {
	pem, err := os.ReadFile(path)
	pool := x509.NewCertPool()
	if err != nil || !pool.AppendCertsFromPEM(pem) {
		return "must name a readable PEM file with at least one certificate"
	}
	c.client.RootCAs = pool
	return ""
}

// checkTLS refuses what would send events or passwords over a network in the clear.
func (c *connection) checkTLS(loopback bool) error {
	switch {
	case c.client.DisableTLS && c.client.Username != "":
		return malformed("credentials", "they are only sent over TLS; remove them or remove tls=false")
	case c.client.DisableTLS && !loopback:
		return malformed("option tls", "false would send events in the clear to another machine; remove it and name the server's authority in tlsCaFile, or use a host of this machine such as 127.0.0.1")
	case c.client.SkipCertificateVerification && !loopback:
		return malformed("option tlsVerifyCert", "false would trust any server; name the server's authority in tlsCaFile instead")
	case (c.client.UserCertFile == "") != (c.client.UserKeyFile == ""):
		return malformed("option userCertFile", "it and userKeyFile must be given together")
	case c.client.UserCertFile != "":
		if _, err := tls.LoadX509KeyPair(c.client.UserCertFile, c.client.UserKeyFile); err != nil {
			return malformed("option userCertFile", "it and userKeyFile must name a readable certificate and its key, both PEM")
		}
	}
	return nil
}
