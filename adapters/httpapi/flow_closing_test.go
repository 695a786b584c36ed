package httpapi_test

import (
	"crypto/sha256"
	"encoding/hex"
	"net/http"
	"testing"

	"github.com/stretchr/testify/require"
)

func TestAPracticeCloses(t *testing.T) {
	p := newStack(t).found("olivia", true)
	p.allow("olivia", "chart.create", "group")
	p.join("carla", "user", true)
	p.open("olivia", "Ada", "Abbott", "olivia")
	p.settle()
	closing := p.path("/close")
	never := object{"exportManifestHash": hex.EncodeToString(make([]byte, 32))}

	p.run(t, "not while others have access, and not without the records in safety", func(*testing.T) {
		p.post("carla", closing, never).refused(http.StatusForbidden, "permission_denied")
		require.Equal(t, "1", p.post("olivia", closing, never).refused(http.StatusUnprocessableEntity, "active_members_remain").Details["members"])
		p.remove("carla")
		p.post("olivia", closing, never).refused(http.StatusUnprocessableEntity, "records_export_required")
	})
	p.run(t, "with the hash of the export that the owner took", func(t *testing.T) {
		file := p.get("olivia", p.path("/charts.csv"))
		require.Equal(t, http.StatusOK, file.status)
		require.Contains(t, string(file.body), "Abbott")
		sum := sha256.Sum256(file.body)
		body := object{"exportManifestHash": hex.EncodeToString(sum[:])}
		p.post("olivia", closing, body, asDryRun).receipt()
		p.post("olivia", closing, body, key("end")).done()
		require.Equal(t, "replayed", p.post("olivia", closing, body, key("end")).receipt().Outcome)
	})
	p.run(t, "nothing changes any more, and everything can be read", func(t *testing.T) {
		tail := p.tail()
		p.send("olivia", http.MethodPatch, p.path(""), object{"city": "Salem"}).refused(http.StatusUnprocessableEntity, "group_closed")
		require.Equal(t, tail, p.tail())
		var g struct{ Closed bool }
		p.get("olivia", p.path("")).into(&g)
		require.True(t, g.Closed)
		require.Len(t, p.roster("olivia", "").Charts, 1)
		p.get("olivia", p.path("/audit/history")+"?stream=group-"+p.group).into(new(any))
		require.Equal(t, http.StatusOK, p.get("olivia", p.path("/charts.csv")).status)
		p.get("zoe", p.path("")).refused(http.StatusNotFound, "group_not_found")
	})
	p.run(t, "G-7 its owner may found another", func(t *testing.T) {
		require.Empty(t, p.me("olivia").Group)
		another := p.found("olivia", false)
		require.Equal(t, another.group, p.me("olivia").Group)
	})
}

func TestThePracticeHasARevision(t *testing.T) {
	p := newStack(t).found("olivia", true)
	tag := p.get("olivia", p.path("")).header.Get("ETag")
	p.run(t, "with which a command says on what it was decided", func(*testing.T) {
		p.send("olivia", http.MethodPatch, p.path(""), object{"city": "Salem"}, header("If-Match", tag)).done()
		p.send("olivia", http.MethodPatch, p.path(""), object{"city": "Lynn"}, header("If-Match", tag)).refused(http.StatusPreconditionFailed, "stale_revision")
	})
	p.run(t, "and a reader what they have already", func(t *testing.T) {
		changed := p.get("olivia", p.path(""), header("If-None-Match", tag))
		require.Equal(t, http.StatusOK, changed.status)
		now := changed.header.Get("ETag")
		require.NotEqual(t, tag, now)
		for _, known := range []string{now, "W/" + now, tag + ", " + now} {
			same := p.get("olivia", p.path(""), header("If-None-Match", known))
			require.Equal(t, http.StatusNotModified, same.status)
			require.Empty(t, same.body)
			require.Equal(t, now, same.header.Get("ETag"))
		}
		p.get("zoe", p.path(""), header("If-None-Match", now)).refused(http.StatusNotFound, "group_not_found")
	})
}
