package httpapi

import (
	"praxis/commands"
	"praxis/domain/chart"
	"praxis/domain/group"
	"praxis/domain/id"
)

// lifecycleHandlers are those of leaving, coming back, following the owner and
// closing branches (ADR 0011), and of the answer to why somebody may do something.
func (a *api) lifecycleHandlers() map[string]handler {
	return map[string]handler{
		"startMemberRemoval":   command(a.startMemberRemoval),
		"replanMemberRemoval":  command(a.replanMemberRemoval),
		"reinstateMember":      command(a.reinstateMember),
		"listFormerCharts":     a.listFormerCharts,
		"relinkCharts":         command(a.relinkCharts),
		"closeGroup":           command(a.closeGroup),
		"getOwnershipOffer":    a.getOwnershipOffer,
		"offerOwnership":       command(a.offerOwnership),
		"cancelOwnershipOffer": command(a.cancelOwnershipOffer),
		"acceptOwnership":      command(a.acceptOwnership),
		"getSuccessor":         a.getSuccessor,
		"nameSuccessor":        command(a.nameSuccessor),
		"clearSuccessor":       command(a.clearSuccessor),
		"claimSuccession":      command(a.claimSuccession),
		"withdrawSuccession":   command(a.withdrawSuccession),
		"rejectSuccession":     command(a.rejectSuccession),
		"closeBranch":          command(a.closeBranch),
		"placeInCustody":       command(a.placeInCustody),
		"explainAccess":        a.explainAccess,
		"listChartAccess":      a.listChartAccess,
	}
}

func (a *api) startMemberRemoval(x *exchange, call commands.Call, b group.Rehoming) (string, commands.Receipt, error) {
	return onMember(x, func(m id.Member) (commands.Receipt, error) {
		return a.Engine.StartMemberRemoval(x.ctx(), call, group.StartMemberRemoval{Member: m, Rehoming: b})
	})
}

func (a *api) replanMemberRemoval(x *exchange, call commands.Call, b group.Rehoming) (string, commands.Receipt, error) {
	return onMember(x, func(m id.Member) (commands.Receipt, error) {
		return a.Engine.ReplanMemberRemoval(x.ctx(), call, group.ReplanMemberRemoval{Member: m, Rehoming: b})
	})
}

func (a *api) reinstateMember(x *exchange, call commands.Call, b clinicians) (string, commands.Receipt, error) {
	return onMember(x, func(m id.Member) (commands.Receipt, error) {
		return a.Engine.ReinstateMember(x.ctx(), call, group.ReinstateMember{Member: m, Clinicians: b.Clinicians})
	})
}

func (a *api) closeGroup(x *exchange, call commands.Call, b group.CloseGroup) (string, commands.Receipt, error) {
	receipt, err := a.Engine.CloseGroup(x.ctx(), call, b)
	return call.Group.String(), receipt, err
}

type newOffer struct {
	To        id.Member `json:"to"`
	ValidDays int       `json:"validDays"`
}

func (a *api) offerOwnership(x *exchange, call commands.Call, b newOffer) (string, commands.Receipt, error) {
	if b.ValidDays == 0 {
		b.ValidDays = defaultValidDays
	}
	receipt, err := a.Engine.OfferOwnership(x.ctx(), call, commands.OfferOwnership{
		OfferOwnership: group.OfferOwnership{To: b.To}, ValidDays: b.ValidDays,
	})
	return b.To.String(), receipt, err
}

func (a *api) cancelOwnershipOffer(x *exchange, call commands.Call, _ nothing) (string, commands.Receipt, error) {
	receipt, err := a.Engine.CancelOwnershipOffer(x.ctx(), call)
	return "", receipt, err
}

func (a *api) acceptOwnership(x *exchange, call commands.Call, _ nothing) (string, commands.Receipt, error) {
	receipt, err := a.Engine.AcceptOwnership(x.ctx(), call)
	return "", receipt, err
}

type successor struct {
	Successor id.Member `json:"successor"`
}

func (a *api) nameSuccessor(x *exchange, call commands.Call, b successor) (string, commands.Receipt, error) {
	receipt, err := a.Engine.NameSuccessor(x.ctx(), call, group.NameSuccessor{Successor: b.Successor})
	return b.Successor.String(), receipt, err
}

func (a *api) clearSuccessor(x *exchange, call commands.Call, _ nothing) (string, commands.Receipt, error) {
	receipt, err := a.Engine.ClearSuccessor(x.ctx(), call)
	return "", receipt, err
}

type closing struct {
	MovedTo id.Branch `json:"movedTo"`
}

func (a *api) closeBranch(x *exchange, call commands.Call, b closing) (string, commands.Receipt, error) {
	branch, err := pathID[id.Branch](x, "branch")
	if err != nil {
		return "", commands.Receipt{}, err
	}
	receipt, err := a.Engine.CloseBranch(x.ctx(), call, group.CloseBranch{Branch: branch, MovedTo: b.MovedTo})
	return branch.String(), receipt, err
}

type custody struct {
	Custodian id.Member `json:"custodian"`
}

func (a *api) placeInCustody(x *exchange, call commands.Call, b custody) (string, commands.Receipt, error) {
	return onChart(x, func(c id.Chart) (commands.Receipt, error) {
		return a.Engine.PlaceInCustody(x.ctx(), call, c, chart.PlaceInCustody{Custodian: b.Custodian})
	})
}
