package httpapi_test

import (
	"net/http"
	"slices"
	"testing"

	"github.com/stretchr/testify/require"

	"praxis/domain/access"
	"praxis/domain/accesslog"
	"praxis/domain/id"
)

type duplicatePairs struct {
	Pairs []struct {
		Chart, Other struct {
			ID, GivenName, FamilyName, BirthDate, Email, Phone string
			Archived                                           bool
		}
		Alike []string
	}
	NextCursor string
}

// pairs are the pairs that somebody may see: "first/second alike".
func (p *practice) pairs(as string) (lines []string) {
	p.t.Helper()
	var list duplicatePairs
	p.get(as, p.path("/charts/duplicates")).into(&list)
	for _, pair := range list.Pairs {
		lines = append(lines, pair.Chart.ID+"/"+pair.Other.ID+" "+pair.Alike[0])
	}
	return lines
}

func TestDuplicatesAreWarnedOf(t *testing.T) {
	p := newStack(t).staffed()
	p.join("sam", "super_admin", false)
	opening := func(given, family, birth string, more object) object {
		body := object{"patient": object{"givenName": given, "familyName": family, "birthDate": birth}}
		for k, v := range more {
			body[k] = v
		}
		return body
	}
	carlas, davids := object{"primary": p.members["carla"]}, object{"primary": p.members["david"]}
	first := p.post("carla", p.path("/charts"), opening("Jörg", "Müller-Groß", "1985-12-10", carlas)).done().ID
	again := opening("MUELLER", "Joerg Gross", "1985-12-10", carlas)
	again["patient"].(object)["familyName"], again["patient"].(object)["givenName"] = "JOERG", "Mueller Gross"
	var second string

	p.run(t, "duplicate_patient names the chart that looks alike, in any spelling, and nothing is opened", func(t *testing.T) {
		before, charts := p.accessLogEnd(), p.tail()
		refused := p.post("carla", p.path("/charts"), again).refused(http.StatusUnprocessableEntity, "duplicate_patient")
		require.Equal(t, map[string]string{"charts": first, "names": "Jörg Müller-Groß", "alike": "name_and_birth_date"}, refused.Details)
		views := p.viewsFrom(before)
		require.Len(t, views, 1, "who is named was seen")
		require.Equal(t, accesslog.RecordsViewed{
			Operation: "createChart", Section: "charts", Capability: access.RosterView, Charts: []id.Chart{id.MustParse[id.Chart](first)},
		}, views[0].Event)
		require.Equal(t, "member:"+p.members["carla"], views[0].Meta.Actor)
		require.Equal(t, "role:user/own", views[0].Meta.Decision)
		require.Equal(t, views[0].Position, p.tail(), "nothing else was recorded since %s", charts)
		p.post("carla", p.path("/charts"), again, asDryRun).refused(http.StatusUnprocessableEntity, "duplicate_patient")
		require.NotContains(t, p.logs.String(), "Groß")
	})
	p.run(t, "to who may not see that chart it is as if there were none", func(t *testing.T) {
		before := p.accessLogEnd()
		theirs := opening("Jörg", "Müller-Groß", "1985-12-10", davids)
		require.Equal(t, "dry_run", p.post("david", p.path("/charts"), theirs, asDryRun).receipt().Outcome)
		second = p.post("david", p.path("/charts"), theirs).done().ID
		require.Empty(t, p.viewsFrom(before))
	})
	p.run(t, "what was not warned of is found by who sees both", func(t *testing.T) {
		two := []string{first, second}
		slices.Sort(two)
		line := two[0] + "/" + two[1] + " name_and_birth_date"
		require.Equal(t, []string{line}, p.pairs("olivia"))
		require.Equal(t, []string{line}, p.pairs("sam"))
		require.Empty(t, p.pairs("carla"))
		require.Empty(t, p.pairs("david"))
	})
	var third string
	p.run(t, "with a reason it is opened, once per key, and told apart from those that were named", func(t *testing.T) {
		again["allowDuplicate"] = true
		p.post("carla", p.path("/charts"), again).refused(http.StatusBadRequest, "reason_required")
		again["duplicateReason"] = "His cousin, born the same day"
		planned := p.post("carla", p.path("/charts"), again, asDryRun).receipt()
		require.Equal(t, "chart.told_apart", planned.Events[1].Name)
		require.JSONEq(t, `{"from":["`+first+`"],"reason":"His cousin, born the same day"}`, string(planned.Events[1].Event))
		third = p.post("carla", p.path("/charts"), again, key("third")).done().ID
		require.Equal(t, "replayed", p.post("carla", p.path("/charts"), again, key("third")).receipt().Outcome)
		require.Len(t, p.pairs("olivia"), 2, "apart from the first, and alike with the second, which Carla could not see")
		require.Empty(t, p.pairs("carla"))
	})
	p.run(t, "a pair is told apart by who may archive and sees both", func(t *testing.T) {
		path := func(c string) string { return p.path("/charts/", c, "/told-apart") }
		p.post("carla", path(first), object{"from": third, "reason": "x"}).refused(http.StatusForbidden, "permission_denied")
		p.post("olivia", path(first), object{"from": p.group, "reason": "x"}).refused(http.StatusNotFound, "other_chart_not_found")
		p.post("olivia", path(first), object{"from": first, "reason": "x"}).refused(http.StatusUnprocessableEntity, "same_chart")
		p.post("olivia", path(first), object{"from": second, "reason": "Asked both"}).done()
		p.post("olivia", path(third), object{"from": second, "reason": "Asked both"}).done()
		require.Equal(t, "unchanged", p.post("olivia", path(first), object{"from": second, "reason": "Asked both"}).receipt().Outcome)
		require.Empty(t, p.pairs("olivia"))
	})
	p.run(t, "AMB-17 an archived chart is warned of, too, and takes no judgement", func(*testing.T) {
		p.post("olivia", p.path("/charts/", first, "/archive"), object{"reason": "Moved away"}).done()
		again["allowDuplicate"], again["duplicateReason"] = false, ""
		p.post("carla", p.path("/charts"), again).refused(http.StatusUnprocessableEntity, "duplicate_patient")
		p.post("olivia", p.path("/charts/", first, "/told-apart"), object{"from": third, "reason": "x"}).refused(http.StatusUnprocessableEntity, "chart_archived")
	})
}
