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

// isInvitationLink wants both placeholders where they cannot change who is linked to.
func isInvitationLink(raw string) bool {
	u, err := url.Parse(strings.NewReplacer("{group}", "0", "{invitation}", "1").Replace(raw))
	if err != nil || u.User != nil || u.Hostname() == "" || len(raw) > 500 {
		return false
	}
	_, after, _ := strings.Cut(raw, "://")
	path := strings.IndexAny(after, "/?#")
	isWhole := path > 0 && strings.Contains(after[path:], "{group}") && strings.Contains(after[path:], "{invitation}") && !strings.ContainsAny(after[:path], "{}")
	isPrintable := !strings.ContainsFunc(raw, func(r rune) bool { return r <= ' ' || r > '~' })
	return isWhole && isPrintable && (u.Scheme == "https" || u.Scheme == "http" && loopback.Is(u.Hostname()))
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
