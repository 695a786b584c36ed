package loopback_test

import (
	"testing"

	"github.com/stretchr/testify/require"

	"praxis/adapters/loopback"
)

func TestOnlyThisMachineIsLoopback(t *testing.T) {
	for host, want := range map[string]bool{
		"localhost": true, "LOCALHOST": true, "127.0.0.1": true, "127.9.8.7": true, "::1": true, "::ffff:127.0.0.1": true,
		"": false, "0.0.0.0": false, "::": false, "10.0.0.1": false, "example.com": false, "localhost.example.com": false,
		"localhost.": false, "127.0.0.1.nip.io": false, "2130706433": false, "::1%eth0": false,
	} {
		require.Equal(t, want, loopback.Is(host), "host %q", host)
	}
}

func TestAuthoritiesAreJudgedByTheirHost(t *testing.T) {
	for authority, want := range map[string]bool{
		"127.0.0.1:8080": true, "localhost": true, "[::1]:80": true, "[::1]": true, "localhost:": true,
		":8080": false, "": false, "0.0.0.0:80": false, "[::]:80": false, "evil.example:8080": false,
	} {
		require.Equal(t, want, loopback.Authority(authority), "authority %q", authority)
	}
}

func TestURLsAreHTTPSUnlessLoopback(t *testing.T) {
	for raw, want := range map[string]error{
		"https://login.example.com":         nil,
		"https://login.example.com/realm/a": nil,
		"http://127.0.0.1:8080/dev":         nil,
		"http://[::1]:8080":                 nil,
		"http://login.example.com":          loopback.ErrInsecure,
		"http://localhost.example.com":      loopback.ErrInsecure,
		"https://u:p@login.example.com":     loopback.ErrExtras,
		"https://login.example.com?x=1":     loopback.ErrExtras,
		"https://login.example.com?":        loopback.ErrExtras,
		"https://login.example.com#f":       loopback.ErrExtras,
		"https://login.example.com#":        loopback.ErrExtras,
		"login.example.com":                 loopback.ErrNotURL,
		"ftp://login.example.com":           loopback.ErrNotURL,
		"https://":                          loopback.ErrNotURL,
		"https:login":                       loopback.ErrNotURL,
		"":                                  loopback.ErrNotURL,
		"://":                               loopback.ErrNotURL,
	} {
		_, err := loopback.ParseURL(raw)
		require.ErrorIs(t, err, want, "URL %q", raw)
	}
}

func FuzzParseURL(f *testing.F) {
	f.Add("https://login.example.com/realm")
	f.Add("http://127.0.0.1:8080")
	f.Fuzz(func(t *testing.T, raw string) {
		u, err := loopback.ParseURL(raw)
		if err != nil {
			return
		}
		require.True(t, u.Scheme == "https" || loopback.Is(u.Hostname()))
		require.Nil(t, u.User)
	})
}
