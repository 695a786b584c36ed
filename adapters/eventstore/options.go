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

// options reads the part after the question mark. The names are those of the
// official clients; keep-alives and deadlines are milliseconds, the gossip
// timeout is seconds.
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
		key := strings.ToLower(name)
		if err := c.option(key, value); err != nil {
			return err
		}
		if seen[key] {
			return malformed("option "+key, "is given twice")
		}
		seen[key] = true
	}
	return nil
}

func (c *connection) option(key, value string) (err error) {
	var n int
	switch key {
	case "tls":
		var on bool
		on, err = flag("tls", value)
		c.client.DisableTLS = !on
	case "tlsverifycert":
		var on bool
		on, err = flag("tlsVerifyCert", value)
		c.client.SkipCertificateVerification = !on
	case "tlscafile":
		c.client.RootCAs, err = certificates(value)
	case "usercertfile":
		c.client.UserCertFile = value
	case "userkeyfile":
		c.client.UserKeyFile = value
	case "nodepreference":
		c.client.NodePreference, err = preference(value)
	case "maxdiscoverattempts":
		c.attempts, err = number("maxDiscoverAttempts", value, 1, 100)
	case "discoveryinterval":
		n, err = number("discoveryInterval", value, 10, 10_000)
		c.pause = milliseconds(n)
	case "gossiptimeout":
		c.client.GossipTimeout, err = number("gossipTimeout", value, 1, 60)
	case "keepaliveinterval":
		// The client's documentation says seconds where its code says milliseconds,
		// so that 10 would ping a hundred times a second.
		n, err = numberOrOff("keepAliveInterval", value, 10_000, 3_600_000)
		c.client.KeepAliveInterval = milliseconds(n)
	case "keepalivetimeout":
		n, err = number("keepAliveTimeout", value, 1_000, 3_600_000)
		c.client.KeepAliveTimeout = milliseconds(n)
	case "defaultdeadline":
		n, err = number("defaultDeadline", value, 100, 600_000)
		c.patience = milliseconds(n)
	default:
		err = malformed("options", "one has an unknown name. Known are tls, tlsVerifyCert, tlsCaFile, userCertFile, userKeyFile, nodePreference, maxDiscoverAttempts, discoveryInterval, gossipTimeout, keepAliveInterval, keepAliveTimeout and defaultDeadline")
	}
	return err
}

func milliseconds(n int) time.Duration {
	if n < 0 {
		return -1
	}
	return time.Duration(n) * time.Millisecond
}

func flag(name, value string) (bool, error) {
	switch strings.ToLower(value) {
	case "true":
		return true, nil
	case "false":
		return false, nil
	}
	return false, malformed("option "+name, "must be true or false")
}

func number(name, value string, least, most int) (int, error) {
	n, err := strconv.Atoi(value)
	if err != nil || n < least || n > most {
		return 0, malformed("option "+name, "must be a whole number from "+strconv.Itoa(least)+" to "+strconv.Itoa(most)+unit(name))
	}
	return n, nil
}

func numberOrOff(name, value string, least, most int) (int, error) {
	if value == "-1" {
		return -1, nil
	}
	return number(name, value, least, most)
}

func unit(name string) string {
	switch name {
	case "gossipTimeout":
		return " (seconds)"
	case "maxDiscoverAttempts":
		return ""
	}
	return " (milliseconds)"
}

// preference takes no other node than the leader: the others answer reads with an
// older state, on which commands would be decided.
func preference(value string) (esdb.NodePreference, error) {
	if strings.EqualFold(value, "leader") {
		return esdb.NodePreferenceLeader, nil
	}
	return "", malformed("option nodePreference", "must be leader or left out: Praxis decides on the newest state, which other nodes may not have yet")
}

func certificates(path string) (*x509.CertPool, error) {
	pem, err := os.ReadFile(path)
	pool := x509.NewCertPool()
	if err != nil || !pool.AppendCertsFromPEM(pem) {
		return nil, malformed("option tlsCaFile", "must name a readable PEM file with at least one certificate")
	}
	return pool, nil
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
