package config

import (
	"net"
	"net/url"
	"slices"
	"strconv"
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
