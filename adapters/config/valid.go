package config

import (
	"fmt"
	"log/slog"
	"net"
	"net/mail"
	"net/url"
	"slices"
	"strconv"
	"strings"
	"time"

	"praxis/adapters/loopback"
)

// rule is what a value must be.
type rule struct {
	// wants completes "NAME must be …".
	wants string
	// isMet is asked about a value that is not blank; nil is met by all of them.
	isMet func(value string) bool
}

var (
	anything       = rule{}
	address        = rule{"host:port with a port from 0 to 65535", isListenAddress}
	trustedURL     = rule{"an absolute https URL (http on loopback hosts only) without user, query or fragment", isTrustedURL}
	invitationLink = rule{"an https URL (http on loopback hosts only) without user, with {group} and {invitation} after its host", isInvitationLink}
	subjects       = rule{"a list of subjects separated by commas, none of them empty or twice", isDistinctList}
	trueOrFalse    = rule{"true or false", func(value string) bool {
		_, err := strconv.ParseBool(value)
		return err == nil
	}}
	logLevel = rule{"debug, info, warn or error", func(value string) bool {
		return new(slog.Level).UnmarshalText([]byte(value)) == nil
	}}
)

func durationFrom(least, most time.Duration) rule {
	wants := strings.ReplaceAll(fmt.Sprintf("a duration from %s to %s", least, most), "m0s", "m")
	return rule{wants, func(value string) bool {
		d, err := time.ParseDuration(value)
		return err == nil && d >= least && d <= most
	}}
}

func numberFrom(least, most int64) rule {
	return rule{fmt.Sprintf("a whole number from %d to %d", least, most), func(value string) bool {
		n, err := strconv.ParseInt(value, 10, 64)
		return err == nil && n >= least && n <= most
	}}
}

// beginsWith is met by values that go on after one of the prefixes.
func beginsWith(prefixes ...string) func(string) bool {
	return func(value string) bool {
		return slices.ContainsFunc(prefixes, func(p string) bool { return strings.HasPrefix(value, p) && value != p })
	}
}

func hasScheme(schemes ...string) func(string) bool {
	return func(value string) bool {
		u, err := url.Parse(value)
		return err == nil && slices.Contains(schemes, u.Scheme) && u.Opaque == ""
	}
}

func isOneOf(values ...string) func(string) bool {
	return func(value string) bool { return slices.Contains(values, value) }
}

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

func isDistinctList(raw string) bool {
	list := listOf(raw)
	sorted := slices.Sorted(slices.Values(list))
	return len(slices.Compact(sorted)) == len(list) && !slices.Contains(list, "")
}

// listOf splits at commas.
func listOf(raw string) []string {
	list := strings.Split(raw, ",")
	for i := range list {
		list[i] = strings.TrimSpace(list[i])
	}
	return list
}
