package config

import (
	"net"
	"net/mail"
	"net/url"
	"slices"
	"strconv"
	"strings"
	"time"

	"praxis/adapters/loopback"
)

func isListenAddress(address string) bool {
	_, port, err := net.SplitHostPort(address)
	if err != nil {
		return false
	}
	_, err = strconv.ParseUint(port, 10, 16)
	return err == nil
}

// isServerAddress is isListenAddress with a host.
func isServerAddress(address string) bool {
	host, _, err := net.SplitHostPort(address)
	return err == nil && host != "" && isListenAddress(address)
}

func isMailbox(address string) bool {
	_, err := mail.ParseAddress(address)
	return err == nil
}

func begins(value string, prefixes ...string) bool {
	return slices.ContainsFunc(prefixes, func(p string) bool { return strings.HasPrefix(value, p) && value != p })
}

func isTrustedURL(raw string) bool {
	_, err := loopback.ParseURL(raw)
	return err == nil
}

// isCollector allows plain http to any host: collectors stand in the same private network.
func isCollector(raw string) bool {
	u, err := url.Parse(raw)
	return err == nil && (u.Scheme == "http" || u.Scheme == "https") && u.Hostname() != "" && u.User == nil
}

func hasScheme(raw string, schemes ...string) bool {
	u, err := url.Parse(raw)
	return err == nil && slices.Contains(schemes, u.Scheme) && u.Opaque == ""
}

func isReasonable(d time.Duration) bool { return d >= time.Second && d <= 10*time.Minute }

func isDistinct(list []string) bool {
	sorted := slices.Sorted(slices.Values(list))
	return len(slices.Compact(sorted)) == len(list) && !slices.Contains(list, "")
}
