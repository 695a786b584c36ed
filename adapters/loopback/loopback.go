// Package loopback holds the one rule about what stays on this machine: which
// hosts are loopback, and which URLs may therefore do without TLS. Sign-in, the
// development issuer and the configuration all decide by it, so that they can
// not disagree. It imports the standard library only.
package loopback

import (
	"errors"
	"net"
	"net/netip"
	"net/url"
	"strings"
)

// Is reports whether host, a name or an IP literal without a port, can only
// mean this machine: "localhost" or an address of 127.0.0.0/8 or ::1. Every
// other name is refused, whatever it resolves to today, because a resolver can
// answer differently tomorrow (DNS rebinding).
func Is(host string) bool {
	if strings.EqualFold(host, "localhost") {
		return true
	}
	addr, err := netip.ParseAddr(host)
	return err == nil && addr.Zone() == "" && addr.Unmap().IsLoopback()
}

// Authority reports whether the host of a "host", "host:port" or "[v6]:port" is
// loopback. An empty host, which listens on every address, is not.
func Authority(authority string) bool {
	if host, _, err := net.SplitHostPort(authority); err == nil {
		return Is(host)
	}
	return Is(strings.TrimSuffix(strings.TrimPrefix(authority, "["), "]"))
}

// The reasons for which ParseURL refuses. None repeats the input.
var (
	ErrNotURL   = errors.New("must be an absolute http or https URL")
	ErrExtras   = errors.New("must have no user, password, query or fragment")
	ErrInsecure = errors.New("must use https, except on a loopback host such as 127.0.0.1")
)

// ParseURL reads a URL that Praxis may trust what it reads from: absolute,
// without user, query or fragment, and https unless its host is loopback.
func ParseURL(raw string) (*url.URL, error) {
	u, err := url.Parse(raw)
	switch {
	case err != nil, u.Scheme != "http" && u.Scheme != "https", u.Hostname() == "", u.Opaque != "":
		return nil, ErrNotURL
	case u.User != nil, u.RawQuery != "", u.ForceQuery, u.Fragment != "", strings.Contains(raw, "#"):
		return nil, ErrExtras
	case u.Scheme == "http" && !Is(u.Hostname()):
		return nil, ErrInsecure
	}
	return u, nil
}
