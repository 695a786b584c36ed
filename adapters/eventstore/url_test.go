package eventstore_test

import (
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/EventStore/EventStore-Client-Go/v4/esdb"
	"github.com/stretchr/testify/require"

	"praxis/adapters/eventstore"
	"praxis/domain/fault"
)

func TestParse_ReadsEveryOption(t *testing.T) {
	got, err := eventstore.Parse("esdb+discover://svc:p%40ss%3Aword@es.example:2114/?nodePreference=leader&maxDiscoverAttempts=5&discoveryInterval=200" +
		"&gossipTimeout=3&keepAliveInterval=10000&keepAliveTimeout=5000&defaultDeadline=2500&tls=true")
	require.NoError(t, err)
	require.Equal(t, eventstore.Parsed{
		Client: esdb.Configuration{
			Address: "es.example:2114", DnsDiscover: true, Username: "svc", Password: "p@ss:word",
			NodePreference: esdb.NodePreferenceLeader, GossipTimeout: 3,
			KeepAliveInterval: 10 * time.Second, KeepAliveTimeout: 5 * time.Second,
		},
		Attempts: 5, Pause: 200 * time.Millisecond, Patience: 2500 * time.Millisecond,
	}, got)
}

func TestParse_HasSafeDefaults(t *testing.T) {
	got, err := eventstore.Parse("esdb://es.example")
	require.NoError(t, err)
	require.Equal(t, eventstore.Parsed{
		Client: esdb.Configuration{
			Address: "es.example:2113", NodePreference: esdb.NodePreferenceLeader, GossipTimeout: 5,
			KeepAliveInterval: 10 * time.Second, KeepAliveTimeout: 10 * time.Second,
		},
		Attempts: 10, Pause: 100 * time.Millisecond, Patience: 10 * time.Second,
	}, got)
}

func TestParse_ReadsHosts(t *testing.T) {
	several, err := eventstore.Parse("esdb://a.example,b.example:2114,[2001:db8::1]:2115")
	require.NoError(t, err)
	require.Equal(t, []*esdb.EndPoint{{Host: "a.example", Port: 2113}, {Host: "b.example", Port: 2114}, {Host: "[2001:db8::1]", Port: 2115}}, several.Client.GossipSeeds)
	for url, address := range map[string]string{
		"esdb://127.0.0.1?tls=false":                         "127.0.0.1:2113",
		"esdb://localhost:1?tls=false":                       "localhost:1",
		"esdb://127.8.9.10:65535?tls=false":                  "127.8.9.10:65535",
		"esdb://[::1]?tls=false":                             "[::1]:2113",
		"esdb://[::1]:2114/?TLS=False":                       "[::1]:2114",
		"esdb://es_1.example?keepAliveInterval=-1":           "es_1.example:2113",
		"esdb://127.0.0.1?tls=true&tlsVerifyCert=false":      "127.0.0.1:2113",
		"esdb://es.example:2113?tls=true&tlsVerifyCert=true": "es.example:2113",
	} {
		got, err := eventstore.Parse(url)
		require.NoError(t, err, url)
		require.Equal(t, address, got.Client.Address)
	}
}

func TestOpen_NamesTheWrongPart(t *testing.T) {
	notACertificate := filepath.Join(t.TempDir(), "ca.pem")
	require.NoError(t, os.WriteFile(notACertificate, []byte("none"), 0o600))
	for url, part := range map[string]string{
		"es.example:2113":                                        "scheme",
		"http://es.example":                                      "scheme",
		"ESDB://es.example":                                      "scheme",
		"esdb://":                                                "host",
		"esdb://:2113":                                           "host",
		"esdb://es.example:":                                     "host",
		"esdb://es.example:0":                                    "host",
		"esdb://es.example:65536":                                "host",
		"esdb://es.example:port":                                 "host",
		"esdb://a.example,,b.example":                            "host",
		"esdb://es example":                                      "host",
		"esdb://::1":                                             "host",
		"esdb://[::1":                                            "host",
		"esdb://[127.0.0.1]":                                     "host",
		"esdb://[fe80::1%25eth0]":                                "host",
		"esdb://es.example/path":                                 "path",
		"esdb://es.example#fragment":                             "path",
		"esdb://:secret@es.example":                              "credentials",
		"esdb://user@es.example":                                 "credentials",
		"esdb://user:@es.example":                                "credentials",
		"esdb://user:%zz@es.example":                             "credentials",
		"esdb://user:a:b@es.example":                             "credentials",
		"esdb://user:a@b@es.example":                             "credentials",
		"esdb://user:a/b@es.example":                             "credentials",
		"esdb://user:a?b@es.example":                             "credentials",
		"esdb://user:a#b@es.example":                             "credentials",
		"esdb://user:secret@127.0.0.1?tls=false":                 "credentials",
		"esdb://es.example?tls=false":                            "option tls",
		"esdb://127.0.0.1,es.example?tls=false":                  "option tls",
		"esdb://127.0.0.1.example?tls=false":                     "option tls",
		"esdb://es.example?tls=yes":                              "option tls",
		"esdb://es.example?tls=true&TLS=true":                    "option tls",
		"esdb://es.example?tlsVerifyCert=false":                  "option tlsVerifyCert",
		"esdb://es.example?tlsCaFile=/does/not/exist":            "option tlsCaFile",
		"esdb://es.example?tlsCaFile=" + notACertificate:         "option tlsCaFile",
		"esdb://es.example?userCertFile=a.pem":                   "option userCertFile",
		"esdb://es.example?userCertFile=a.pem&userKeyFile=b.pem": "option userCertFile",
		"esdb://es.example?nodePreference=nearest":               "option nodePreference",
		"esdb://es.example?maxDiscoverAttempts=1000000":          "option maxDiscoverAttempts",
		"esdb://es.example?discoveryInterval=0":                  "option discoveryInterval",
		"esdb://es.example?gossipTimeout=5s":                     "option gossipTimeout",
		"esdb://es.example?keepAliveInterval=10":                 "option keepAliveInterval",
		"esdb://es.example?keepAliveTimeout=-1":                  "option keepAliveTimeout",
		"esdb://es.example?defaultDeadline=abc":                  "option defaultDeadline",
		"esdb://es.example?defaultDeadline=":                     "option defaultDeadline",
		"esdb://es.example?connectionName=praxis":                "options",
		"esdb://es.example?tls":                                  "option tls",
		"esdb://es.example?discoveryInterval=%zz":                "options",
	} {
		_, err := eventstore.Open(eventstore.Config{URL: url})
		require.Error(t, err, url)
		f := fault.From(err)
		require.Equal(t, "event_store_url_malformed", f.Code, url)
		require.Equal(t, part, f.Details["part"], url)
	}
}

func TestOpen_SaysWhatToDo(t *testing.T) {
	_, err := eventstore.Open(eventstore.Config{URL: "esdb://es.example?keepAliveInterval=10"})
	require.ErrorContains(t, err, "from 10000 to 3600000 (milliseconds)")
	_, err = eventstore.Open(eventstore.Config{URL: "esdb://es.example?tls=false"})
	require.ErrorContains(t, err, "name the server's authority in tlsCaFile")
}

func TestOpen_TakesExactlyOneStore(t *testing.T) {
	for _, config := range []eventstore.Config{{}, {URL: "esdb://127.0.0.1?tls=false", Socket: "/run/es"}} {
		_, err := eventstore.Open(config)
		require.Equal(t, "event_store_ambiguous", fault.From(err).Code)
	}
	_, err := eventstore.Open(eventstore.Config{Socket: "run/es"})
	require.Equal(t, "socket", fault.From(err).Details["part"])
}

func FuzzParse(f *testing.F) {
	for _, url := range []string{
		"esdb://127.0.0.1:2113?tls=false", "esdb+discover://u:p@a.example,b.example:1/?tls=true&gossipTimeout=5",
		"esdb://[::1]:2113?tls=false", "esdb://u:p%40@h?defaultDeadline=5000&keepAliveInterval=-1", "esdb://", "://", "?", "esdb://@:",
	} {
		f.Add(url)
	}
	f.Fuzz(func(t *testing.T, url string) {
		got, err := eventstore.Parse(url)
		if err != nil {
			require.Equal(t, "event_store_url_malformed", fault.From(err).Code)
			return
		}
		require.True(t, got.Client.Address != "" || len(got.Client.GossipSeeds) > 1)
		require.Positive(t, got.Patience)
		require.Positive(t, got.Pause)
		require.Positive(t, got.Attempts)
		require.NoError(t, got.Client.Validate())
		if got.Client.DisableTLS {
			require.Empty(t, got.Client.Username, "no credentials in the clear")
			require.Regexp(t, `^(127\.|localhost:|\[|$)`, got.Client.Address)
		}
	})
}

// FuzzParse_NeverEchoesSecrets hides a canary in the password, surrounded by
// whatever else a person may have typed without encoding it.
func FuzzParse_NeverEchoesSecrets(f *testing.F) {
	const canary = "QtzCanaryQtz"
	f.Add("", "", "")
	f.Add("a?", "b", "tls=false")
	f.Add("/", "#", "gossipTimeout=")
	f.Add("@host?", "=x&y", "%zz")
	f.Add("%", ":", "connectionName=a")
	f.Fuzz(func(t *testing.T, before, after, options string) {
		_, err := eventstore.Open(eventstore.Config{URL: "esdb://user:" + before + canary + after + "@es.example:2113?" + options})
		if err != nil {
			require.NotContains(t, strings.ToLower(err.Error()), strings.ToLower(canary))
			for _, v := range fault.From(err).Details {
				require.NotContains(t, strings.ToLower(v), strings.ToLower(canary))
			}
		}
	})
}

// Other nodes answer reads with an older state: no string makes Praxis ask them.
func TestFoundR6_OnlyTheLeaderIsAsked(t *testing.T) {
	for _, preference := range []string{"follower", "random", "readOnlyReplica", "FOLLOWER"} {
		refusedPart(t, "esdb+discover://es.example?nodePreference="+preference, "option nodePreference")
	}
	got, err := eventstore.Parse("esdb+discover://es.example?nodePreference=Leader")
	require.NoError(t, err)
	require.Equal(t, esdb.NodePreferenceLeader, got.Client.NodePreference)
}
