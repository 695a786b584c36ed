package charts

import (
	"time"

	"praxis/adapters/httpapi"
	"praxis/adapters/httpapi/names"
	"praxis/commands"
	"praxis/domain/access"
	"praxis/domain/chart"
	"praxis/domain/id"
)

// setBy is by whom something was set on a chart, and until when it holds.
type setBy struct {
	Since  time.Time  `json:"since"`
	Until  *time.Time `json:"until,omitempty"`
	By     *id.Member `json:"by,omitempty"`
	ByName string     `json:"byName,omitempty"`
}

type letIn struct {
	Member id.Member `json:"member"`
	Name   string    `json:"name,omitempty"`
}

type restriction struct {
	Sections []access.Section `json:"sections"`
	Allow    []letIn          `json:"allow"`
	Reason   string           `json:"reason"`
	setBy
}

type exclusion struct {
	letIn
	ReasonCode chart.ExclusionCode `json:"reasonCode"`
	Text       string              `json:"text,omitempty"`
	setBy
}

type openGlass struct {
	ID id.Event `json:"id"`
	letIn
	ReasonCode chart.GlassCode `json:"reasonCode"`
	Since      time.Time       `json:"since"`
	Until      time.Time       `json:"until"`
}

// getChartGuard tells who may restrict a chart what is set on it and holds.
func getChartGuard(x *httpapi.Exchange) error {
	c := httpapi.PathID[id.Chart](x, "chart")
	call, err := x.Call()
	if err != nil {
		return err
	}
	set, err := x.API.Engine.GuardOf(x.Ctx(), call, c)
	if err != nil {
		return err
	}
	var n names.Wanted
	if r := set.Restriction; r != nil {
		n.Member(&r.Set.By)
		for _, m := range r.Set.Allow {
			n.Member(&m)
		}
	}
	for _, e := range set.Exclusions {
		n.Member(&e.Set.By)
		n.Member(&e.Set.Member)
	}
	for _, b := range set.Glass {
		n.Member(&b.Set.Member)
	}
	known, err := names.Look(x, call.Viewing.Subject, n)
	if err != nil {
		return err
	}
	by := func(m id.Member, since, until time.Time) setBy {
		s := setBy{Since: since, ByName: known.Members[m]}
		if !m.IsZero() {
			s.By = &m
		}
		if !until.IsZero() {
			until = until.UTC()
			s.Until = &until
		}
		return s
	}
	let := func(m id.Member) letIn { return letIn{m, known.Members[m]} }
	var restricted *restriction
	if r := set.Restriction; r != nil {
		restricted = &restriction{r.Set.Sections, httpapi.Views(r.Set.Allow, let), r.Set.Reason, by(r.Set.By, r.At, r.Set.Until)}
	}
	x.W.Header().Set("ETag", httpapi.ETag(set.Revision))
	return x.Reply(struct {
		Chart       id.Chart     `json:"chart"`
		Restriction *restriction `json:"restriction,omitempty"`
		Exclusions  []exclusion  `json:"exclusions"`
		Glass       []openGlass  `json:"breakGlass"`
	}{c, restricted, httpapi.Views(set.Exclusions, func(e commands.Since[chart.MemberExcluded]) exclusion {
		return exclusion{let(e.Set.Member), e.Set.ReasonCode, e.Set.Text, by(e.Set.By, e.At, e.Set.Until)}
	}), httpapi.Views(set.Glass, func(b commands.Since[chart.BreakGlassOpened]) openGlass {
		return openGlass{b.Set.Glass, let(b.Set.Member), b.Set.ReasonCode, b.At, b.Set.ExpiresAt.UTC()}
	})})
}
