package eventstore

import (
	"net/netip"
	"net/url"
	"regexp"
	"strconv"
	"strings"
	"time"

	"github.com/EventStore/EventStore-Client-Go/v4/esdb"

	"praxis/domain/fault"
)

// connection is how to reach the event store: what the client needs, and what
// the supervisor keeps for itself.
type connection struct {
	client esdb.Configuration
	// attempts and pause rule one search for a node.
	attempts int
	pause    time.Duration
	// patience bounds every single call, and every wait for the next event of a
	// read that has an end.
	patience time.Duration
}

func newConnection() connection {
	return connection{
		client: esdb.Configuration{
			NodePreference:    esdb.NodePreferenceLeader,
			GossipTimeout:     5,
			KeepAliveInterval: 10 * time.Second,
			KeepAliveTimeout:  10 * time.Second,
		},
		attempts: 10, pause: 100 * time.Millisecond, patience: 10 * time.Second,
	}
}

// unixSocket is the connection to a node that serves a unix socket, which a
// connection string cannot express.
func unixSocket(path string) (connection, error) {
	path = strings.TrimPrefix(path, "unix:")
	if !strings.HasPrefix(path, "/") {
		return connection{}, malformed("socket", "must be an absolute path")
	}
	c := newConnection()
	c.client.Address, c.client.DisableTLS = "unix:"+path, true
	return c, nil
}

// parseURL reads a connection string of EventStoreDB. The client's own parser
// takes wrong values silently, so this one is strict: whatever it does not know
// is an error that names the part, and never echoes a value, because a password
// with a reserved character can end up in any part.
func parseURL(raw string) (connection, error) {
	scheme, rest, found := strings.Cut(raw, "://")
	if !found || scheme != "esdb" && scheme != "esdb+discover" {
		return connection{}, malformed("scheme", "must be esdb:// or esdb+discover://, as in esdb://127.0.0.1:2113?tls=false")
	}
	authority, tail := rest, ""
	if i := strings.IndexAny(rest, "/?#"); i >= 0 {
		authority, tail = rest[:i], rest[i:]
	}
	if strings.Contains(tail, "@") || strings.Count(authority, "@") > 1 {
		return connection{}, malformed("credentials", "every one of the characters /?#@:%& in a user name, password or option must be percent-encoded, such as %40 for @")
	}
	c := newConnection()
	userinfo, hosts, withUser := strings.Cut(authority, "@")
	if !withUser {
		hosts = authority
	} else if err := c.credentials(userinfo); err != nil {
		return connection{}, err
	}
	loopback, err := c.hosts(hosts, scheme == "esdb+discover")
	if err != nil {
		return connection{}, err
	}
	query, found := strings.CutPrefix(strings.TrimPrefix(tail, "/"), "?")
	if !found && query != "" {
		return connection{}, malformed("path", "there must be none; options follow a question mark")
	}
	if err := c.options(query); err != nil {
		return connection{}, err
	}
	return c, c.checkTLS(loopback)
}

func (c *connection) credentials(userinfo string) error {
	name, password, _ := strings.Cut(userinfo, ":")
	var err error
	if c.client.Username, err = url.PathUnescape(name); err != nil || name == "" {
		return malformed("credentials", "the user name is missing or not percent-encoded")
	}
	if c.client.Password, err = url.PathUnescape(password); err != nil || password == "" || strings.Contains(password, ":") {
		return malformed("credentials", "the password is missing or not percent-encoded")
	}
	return nil
}

// hosts reads one or more host[:port], separated by commas, and reports whether
// all of them are this machine.
func (c *connection) hosts(list string, discover bool) (loopback bool, err error) {
	loopback = true
	var ends []*esdb.EndPoint
	for host := range strings.SplitSeq(list, ",") {
		end, local, err := parseHost(host)
		if err != nil {
			return false, err
		}
		ends, loopback = append(ends, &end), loopback && local
	}
	if len(ends) > 1 {
		c.client.GossipSeeds = ends
	} else {
		c.client.Address, c.client.DnsDiscover = ends[0].String(), discover
	}
	return loopback, nil
}

var hostName = regexp.MustCompile(`^[A-Za-z0-9._-]{1,253}$`)

func parseHost(s string) (end esdb.EndPoint, loopback bool, err error) {
	host, port := s, "2113"
	if i := strings.LastIndex(s, ":"); i >= 0 && !strings.HasSuffix(s, "]") {
		host, port = s[:i], s[i+1:]
	}
	n, err := strconv.ParseUint(port, 10, 16)
	if err != nil || n == 0 {
		return end, false, malformed("host", "the port must be a number from 1 to 65535")
	}
	end = esdb.EndPoint{Host: host, Port: uint16(n)}
	if literal, bracketed := strings.CutPrefix(host, "["); bracketed {
		address, err := netip.ParseAddr(strings.TrimSuffix(literal, "]"))
		if err != nil || !strings.HasSuffix(host, "]") || !address.Is6() || address.Zone() != "" {
			return end, false, malformed("host", "what stands in brackets must be an IPv6 address")
		}
		return end, address.IsLoopback(), nil
	}
	if !hostName.MatchString(host) {
		return end, false, malformed("host", "must be a host name or an IP address, several separated by commas; an IPv6 address stands in brackets")
	}
	address, err := netip.ParseAddr(host)
	return end, host == "localhost" || err == nil && address.IsLoopback(), nil
}

// malformed names the part of the connection string that is wrong.
func malformed(part, what string) error {
	return fault.New(fault.Invalid, "event_store_url_malformed", "The connection string of the event store is wrong in its %s: %s.", part, what).With("part", part)
}
