package httpapi

import (
	"praxis/commands"
	"praxis/domain/access"
	"praxis/domain/civil"
	"praxis/domain/fault"
	"praxis/domain/group"
	"praxis/domain/id"
	"praxis/domain/money"
)

func (a *api) groupHandlers() map[string]handler {
	return map[string]handler{
		"createGroup":        command(a.createGroup),
		"getGroup":           a.getGroup,
		"updatePracticeInfo": command(a.updatePracticeInfo),
		"getBranch":          a.getBranch,
		"createBranch":       command(a.createBranch),
		"renameBranch":       command(a.renameBranch),
		"setBranchZone":      command(a.setBranchZone),
	}
}

type newGroup struct {
	Name             string     `json:"name"`
	BillingZone      civil.Zone `json:"billingZone"`
	Currency         string     `json:"currency"`
	OwnerIsClinician bool       `json:"ownerIsClinician"`
	BranchName       string     `json:"branchName"`
	Solo             bool       `json:"solo"`
}

func (a *api) createGroup(x *exchange, call commands.Call, b newGroup) (string, commands.Receipt, error) {
	currency, err := money.ParseCurrency(b.Currency)
	if err != nil {
		return "", commands.Receipt{}, err
	}
	if b.BranchName == "" {
		b.BranchName = "Main office"
	}
	g := id.From[id.Group](call.Command, "group")
	receipt, err := a.Engine.CreateGroup(x.ctx(), call, group.CreateGroup{
		Group: g, Name: b.Name, Owner: id.From[id.Member](call.Command, "owner"), OwnerIsClinician: b.OwnerIsClinician,
		BillingZone: b.BillingZone, Currency: currency,
		DefaultBranch: id.From[id.Branch](call.Command, "branch"), DefaultBranchName: b.BranchName,
		Solo: b.Solo,
	})
	return g.String(), receipt, err
}

// practiceThing names a new thing of a practice. The practice is part of the
// name, because an account and its keys may go from one practice to the next:
// read models know a chart by its id alone.
func practiceThing[I ~[16]byte](call commands.Call, role string) I {
	return id.From[I](call.Command, role+"/"+call.Group.String())
}

type branchView struct {
	ID      string `json:"id"`
	Name    string `json:"name"`
	Default bool   `json:"default"`
	// Zone is that of the calendars of those who work here, if it is not the practice's.
	Zone civil.Zone `json:"zone,omitempty"`
	// Closed branches are read by their ids only.
	Closed bool `json:"closed,omitempty"`
}

func branchOf(b group.Branch) branchView {
	return branchView{b.ID.String(), b.Name, b.Default, b.Zone, b.Closed}
}

type groupView struct {
	ID          string            `json:"id"`
	Name        string            `json:"name"`
	Info        map[string]string `json:"info,omitempty"`
	BillingZone string            `json:"billingZone"`
	Currency    string            `json:"currency"`
	Owner       string            `json:"owner"`
	Branches    []branchView      `json:"branches"`
	Closed      bool              `json:"closed,omitempty"`
	// ChartSharing is how widely clinicians share their charts.
	ChartSharing access.Width `json:"chartSharing"`
	// Solo reports that nobody can join before the practice is converted.
	Solo bool `json:"solo"`
	// Succession is an open claim, for the owner and whoever made it.
	Succession *successionView `json:"succession,omitempty"`
}

func (a *api) getGroup(x *exchange) error {
	view := groupView{Info: map[string]string{}, Branches: []branchView{}}
	var owner id.Member
	var claim group.SuccessionClaim
	admission, err := x.admittedToPractice("group.get", func(g group.State) {
		view.ID, view.Name, view.Owner = g.ID().String(), g.Info().Name, g.Owner().String()
		view.BillingZone, view.Currency, view.Closed = string(g.Zone()), string(g.Currency()), g.Closed()
		owner = g.Owner()
		claim, _ = g.SuccessionClaim()
		view.ChartSharing, view.Solo = g.ChartSharing(), g.Solo()
		for _, b := range g.Branches() {
			view.Branches = append(view.Branches, branchOf(b))
		}
		for field, value := range g.Info().Fields() {
			if value != "" {
				view.Info[string(field)] = value
			}
		}
	})
	if err != nil {
		return err
	}
	view.Succession = successionFor(admission.Subject.Member, owner, claim)
	return x.replyAt(admission.Revision, view)
}

// admittedToPractice asks the gate for what every member may know of the practice,
// and looks at it as it is.
func (x *exchange) admittedToPractice(action string, look func(group.State)) (commands.Admission, error) {
	call, err := x.call()
	if err != nil {
		return commands.Admission{}, err
	}
	return x.api.Engine.Admit(x.ctx(), call, commands.Question{
		Action: action, Capability: access.GroupInfoView, Target: group.Stream(call.Group), Look: look,
	})
}

var errNoBranch = fault.New(fault.NotFound, "branch_not_found", "The practice has no such branch.")

func (a *api) getBranch(x *exchange) error {
	b, err := pathID[id.Branch](x, "branch")
	if err != nil {
		return err
	}
	var branch group.Branch
	var known bool
	admission, err := x.admittedToPractice("branch.get", func(g group.State) { branch, known = g.Branch(b) })
	if err != nil {
		return err
	}
	if !known {
		return errNoBranch
	}
	return x.replyAt(admission.Revision, branchOf(branch))
}

func (a *api) updatePracticeInfo(x *exchange, call commands.Call, b group.UpdatePracticeInfo) (string, commands.Receipt, error) {
	receipt, err := a.Engine.UpdatePracticeInfo(x.ctx(), call, b)
	return call.Group.String(), receipt, err
}

type branchName struct {
	Name string `json:"name"`
}

func (a *api) createBranch(x *exchange, call commands.Call, b branchName) (string, commands.Receipt, error) {
	branch := practiceThing[id.Branch](call, "branch")
	receipt, err := a.Engine.CreateBranch(x.ctx(), call, group.CreateBranch{Branch: branch, Name: b.Name})
	return branch.String(), receipt, err
}

func (a *api) renameBranch(x *exchange, call commands.Call, b branchName) (string, commands.Receipt, error) {
	branch, err := pathID[id.Branch](x, "branch")
	if err != nil {
		return "", commands.Receipt{}, err
	}
	receipt, err := a.Engine.RenameBranch(x.ctx(), call, group.RenameBranch{Branch: branch, Name: b.Name})
	return branch.String(), receipt, err
}

func (a *api) setBranchZone(x *exchange, call commands.Call, b calendarZone) (string, commands.Receipt, error) {
	branch, err := pathID[id.Branch](x, "branch")
	if err != nil {
		return "", commands.Receipt{}, err
	}
	receipt, err := a.Engine.SetBranchZone(x.ctx(), call, group.SetBranchZone{Branch: branch, Zone: b.value()})
	return branch.String(), receipt, err
}
