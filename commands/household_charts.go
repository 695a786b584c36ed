package commands

import (
	"context"

	"praxis/domain/access"
	"praxis/domain/chart"
	"praxis/domain/es"
	"praxis/domain/fault"
	"praxis/domain/household"
	"praxis/domain/id"
)

// householdsProcess is the process on whose behalf charts follow their household.
const householdsProcess = "households"

type revision = es.Revision

// joinHousehold has a chart belong to a household. It is part of linking it.
var joinHousehold = declareOn(chartSpec[chart.JoinHousehold, bool]{
	On: onChart, Name: "chart.join_household", Needs: access.RosterView,
	Facts: func(ctx context.Context, w *World, c id.Chart, j chart.JoinHousehold) (left bool, err error) {
		var other id.Household
		if err = w.Chart(ctx, c, func(s chart.State) { other = s.Household() }); err != nil || other.IsZero() || other == j.Household {
			return false, err
		}
		has, err := w.engine.hasChart(ctx, w.Call.Group, other, c)
		return !has, err
	},
	Decide: chart.JoinHousehold.Decide,
})

// DeclineHouseholdTeams has a chart keep its own team only (AMB-16).
var DeclineHouseholdTeams = declareOn(chartSpec[chart.DeclineHouseholdTeams, None]{
	On: onChart, Name: "chart.decline_household_teams", Operation: "declineHouseholdTeams", Needs: access.TeamChange,
	Decide: alone(chart.DeclineHouseholdTeams.Decide),
})

// AllowHouseholdTeams has a chart take the team of its household again.
var AllowHouseholdTeams = declareOn(chartSpec[chart.AllowHouseholdTeams, None]{
	On: onChart, Name: "chart.allow_household_teams", Operation: "allowHouseholdTeams", Needs: access.TeamChange,
	Decide: alone(chart.AllowHouseholdTeams.Decide),
	Around: func(ctx context.Context, e *Engine, call Call, c id.Chart, _ chart.AllowHouseholdTeams, do func(Call) (Receipt, error)) (Receipt, error) {
		receipt, err := do(call)
		if err == nil && !call.DryRun {
			e.takeTeam(ctx, call, receipt, c, id.Household{})
		}
		return receipt, err
	},
})

// TakeHouseholdTeam brings the places that a chart has over a household up to date. It is
// for Praxis itself. Faults: those of chart.TakeTeam, "process_only".
var TakeHouseholdTeam = declareOn(chartSpec[chart.TakeTeam, chart.Giving]{
	On: onChart, Name: "chart.take_household_team", Needs: access.TeamChange, Actors: ProcessesOnly,
	Facts: func(ctx context.Context, w *World, c id.Chart, t chart.TakeTeam) (g chart.Giving, err error) {
		g.Group = groupOf(w)
		if g.Household = t.Household; g.Household.IsZero() {
			err = w.Chart(ctx, c, func(s chart.State) { g.Household = s.Household() })
		}
		if err != nil || g.Household.IsZero() {
			return g, err
		}
		err = w.engine.households.view(ctx, household.Stream(w.Call.Group, g.Household), func(s household.State, _ revision) {
			g.Linked, _ = s.Links(c)
			g.Places = s.Given(c, w.Now)
		})
		return g, err
	},
	Decide: chart.TakeTeam.Decide,
})

// hasChart reports whether a household has a chart, as it is now.
func (e *Engine) hasChart(ctx context.Context, g id.Group, h id.Household, c id.Chart) (bool, error) {
	return lookUp(ctx, e.households, household.Stream(g, h), func(s household.State) bool {
		linked, _ := s.Links(c)
		return linked
	})
}

// spreading carries out a command on a household, and has its charts follow before it
// answers: who lost the household has lost the charts that inherit its team. What cannot be
// done now, the process does. also names a chart that may not be linked any more.
func spreading[C any](also func(C) id.Chart) func(context.Context, *Engine, Call, id.Household, C, func(Call) (Receipt, error)) (Receipt, error) {
	return func(ctx context.Context, e *Engine, call Call, h id.Household, c C, do func(Call) (Receipt, error)) (Receipt, error) {
		receipt, err := do(call)
		if err != nil || call.DryRun {
			return receipt, err
		}
		charts, err := e.chartsOf(ctx, call.Group, h)
		if err != nil {
			e.config.Logger.WarnContext(ctx, "the charts of a household follow later", "household", h, "request", call.Request, "error", err)
		}
		if also != nil {
			charts = append(charts, also(c))
		}
		for _, c := range charts {
			e.takeTeam(ctx, call, receipt, c, h)
		}
		return receipt, nil
	}
}

// chartsOf are the charts that a household links, or linked when it ended.
func (e *Engine) chartsOf(ctx context.Context, g id.Group, h id.Household) (charts []id.Chart, err error) {
	err = e.households.view(ctx, household.Stream(g, h), func(s household.State, _ revision) {
		for _, l := range s.Charts {
			charts = append(charts, l.Chart)
		}
	})
	return charts, err
}

// takeTeam has a chart follow what a command changed.
func (e *Engine) takeTeam(ctx context.Context, call Call, done Receipt, c id.Chart, h id.Household) {
	own := call.byPraxis(householdsProcess, call.Group, "take_team", done.Command.String(), c.String())
	if _, err := TakeHouseholdTeam.Give(ctx, e, own, c, chart.TakeTeam{Household: h}); err != nil && fault.KindOf(err) != fault.Rejected {
		e.config.Logger.WarnContext(ctx, "a chart follows its household later", "chart", c, "household", h, "request", call.Request, "error", err)
	}
}

// FollowHousehold has the charts of a household follow it. It is for the process that finds
// what a command could not do itself.
func (e *Engine) FollowHousehold(ctx context.Context, call Call, h id.Household, also ...id.Chart) error {
	charts, err := e.chartsOf(ctx, call.Group, h)
	if err != nil {
		return err
	}
	for _, c := range append(charts, also...) {
		one := call
		one.Command = id.Derive[id.Command](call.Command.String(), c.String())
		if _, err := TakeHouseholdTeam.Give(ctx, e, one, c, chart.TakeTeam{Household: h}); err != nil && fault.KindOf(err) != fault.Rejected {
			return err
		}
	}
	return nil
}
