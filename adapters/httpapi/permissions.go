package httpapi

import (
	"time"

	"github.com/gorilla/mux"

	"praxis/commands"
	"praxis/domain/access"
	"praxis/domain/fault"
	"praxis/domain/group"
	"praxis/domain/id"
	"praxis/projections/permissions"
)

// permissionHandlers are those of who may do what, and who could and did.
func (a *api) permissionHandlers() map[string]handler {
	return map[string]handler{
		"listPermissions":      a.listPermissions,
		"getMemberPermissions": a.getMemberPermissions,
		"explainAccess":        a.explainAccess,
		"listChartAccess":      a.listChartAccess,
		"auditHistory":         a.auditHistory,

		"setMemberPermission": command(a.setMemberPermission),
		"clearMemberPermission": give(commands.ClearOverride, completed(func(in *input, c *group.ClearOverride) {
			c.Member, c.Capability = onMember(in), capabilityOf(in)
		})),
		"setRolePermission": give(commands.SetRolePermission, completed(func(in *input, c *group.SetRolePermission) {
			c.Role, c.Capability = access.Role(mux.Vars(in.r)["role"]), capabilityOf(in)
			in.about = string(c.Role)
		})),
	}
}

type permission struct {
	Effect group.Effect `json:"effect"`
	group.GrantPermission
}

func capabilityOf(in *input) access.Capability {
	return access.Capability(mux.Vars(in.r)["capability"])
}

func (a *api) setMemberPermission(in *input, b permission) (commands.Receipt, error) {
	b.Member, b.Capability = onMember(in), capabilityOf(in)
	switch {
	case in.err != nil:
		return commands.Receipt{}, in.err
	case b.Effect == group.EffectDeny:
		return commands.DenyPermission.Give(in.ctx(), a.Engine, in.call, group.DenyPermission(b.GrantPermission))
	default:
		return commands.GrantPermission.Give(in.ctx(), a.Engine, in.call, b.GrantPermission)
	}
}

// areaView is a set of things: those that meet any of its conditions.
type areaView struct {
	Everything bool        `json:"everything,omitempty"`
	EveryChart bool        `json:"everyChart,omitempty"`
	ChartsOf   []id.Branch `json:"chartsOf,omitempty"`
	Clinicians []id.Member `json:"clinicians,omitempty"`
	Branches   []id.Branch `json:"branches,omitempty"`
	CareTeamOf id.Member   `json:"careTeamOf,omitzero"`
	About      []id.Member `json:"about,omitempty"`
}

func areaOf(a access.Area) areaView {
	return areaView{
		Everything: a.All, EveryChart: a.EveryChart, ChartsOf: a.ChartsOf, Clinicians: a.Clinicians,
		Branches: a.Branches, CareTeamOf: a.TeamOf, About: a.About,
	}
}

type partView struct {
	Within areaView  `json:"within"`
	Except *areaView `json:"except,omitempty"`
}

// groundView is what speaks for or against a permission; the first that includes
// a thing decides about it.
type groundView struct {
	Rule       string       `json:"rule"`
	Allow      bool         `json:"allow"`
	Scope      access.Scope `json:"scope"`
	ChartsOnly bool         `json:"chartsOnly,omitempty"`
	// Through is the permission that the rule is about, where it is another one.
	Through access.Capability `json:"through,omitempty"`
	Event   id.Event          `json:"event,omitzero"`
	Grantor id.Member         `json:"grantor,omitzero"`
	From    time.Time         `json:"from,omitzero"`
	Until   time.Time         `json:"until,omitzero"`
}

type permissionView struct {
	Capability access.Capability `json:"capability"`
	Allowed    bool              `json:"allowed"`
	Everything bool              `json:"everything"`
	Reach      []partView        `json:"reach"`
	Grounds    []groundView      `json:"grounds"`
}

func permissionOf(p permissions.Permission) permissionView {
	v := permissionView{
		Capability: p.Capability, Allowed: !p.Reach.Empty(), Everything: p.Reach.Everything(), Reach: []partView{}, Grounds: []groundView{},
	}
	for _, part := range p.Reach.Parts {
		shown := partView{Within: areaOf(part.Within)}
		if !part.Except.Empty() {
			except := areaOf(part.Except)
			shown.Except = &except
		}
		v.Reach = append(v.Reach, shown)
	}
	for _, g := range p.Grounds {
		v.Grounds = append(v.Grounds, groundView{
			Rule: g.Rule, Allow: g.Allow, Scope: g.Scope, ChartsOnly: g.ChartsOnly, Through: g.Through, Event: g.Event,
			Grantor: g.Grantor, From: g.From, Until: g.Until,
		})
	}
	return v
}

type holderView struct {
	Member      id.Member        `json:"member"`
	Role        access.Role      `json:"role"`
	Clinician   bool             `json:"clinician"`
	Active      bool             `json:"active"`
	Permissions []permissionView `json:"permissions"`
}

func holderOf(s access.Subject, held []permissions.Permission) holderView {
	v := holderView{Member: s.Member, Role: s.Role, Clinician: s.Clinician, Active: s.Active, Permissions: []permissionView{}}
	for _, p := range held {
		v.Permissions = append(v.Permissions, permissionOf(p))
	}
	return v
}

// judgedAt reads the instant that is asked about; now unless the query says otherwise.
func (a *api) judgedAt(x *exchange) (time.Time, error) {
	at, given, err := queryInstant(x, "at")
	if !given {
		at = a.Clock().UTC()
	}
	return at, err
}

// subjects asks the gate and the model.
func (a *api) subjects(x *exchange, action string, q permissions.Query) (permissions.Page, string, error) {
	call, err := x.call()
	if err != nil {
		return permissions.Page{}, "", err
	}
	gate := commands.Question{Action: action, Capability: access.PermissionView, Target: permissions.Name}
	var admission commands.Admission
	if q.Member.IsZero() {
		admission, err = a.Engine.Admit(x.ctx(), call, gate)
	} else {
		admission, err = a.Engine.AdmitTo(x.ctx(), call, gate, access.Resource{Group: call.Group, Clinician: q.Member, Subject: q.Member})
	}
	if err != nil {
		return permissions.Page{}, "", err
	}
	if err := x.await(permissions.Name); err != nil {
		return permissions.Page{}, "", err
	}
	asOf, err := x.asOf(permissions.Name)
	if err != nil {
		return permissions.Page{}, "", err
	}
	q.Reach = admission.Reach
	page, err := permissions.Subjects(x.ctx(), a.Pool, q)
	return page, asOf, err
}

var errNoPermissions = fault.New(fault.NotFound, "member_not_found", "There is no such member, or you may not see what they may do.")

// getMemberPermissions answers with one member's whole list.
func (a *api) getMemberPermissions(x *exchange) error {
	member, err := pathID[id.Member](x, "member")
	if err != nil {
		return err
	}
	at, err := a.judgedAt(x)
	if err != nil {
		return err
	}
	page, asOf, err := a.subjects(x, "permission.get", permissions.Query{Member: member, Limit: 1})
	if err != nil {
		return err
	}
	if len(page.Subjects) == 0 {
		return errNoPermissions
	}
	return x.reply(struct {
		At   time.Time `json:"at"`
		AsOf string    `json:"asOf"`
		holderView
	}{at, asOf, holderOf(page.Subjects[0], permissions.Of(page.Subjects[0], access.Capabilities(), at))})
}

var errNoSuchCapability = fault.New(fault.Invalid, "unknown_capability", "There is no such permission.")

// listPermissions answers who may do something, and how far. Members who may
// nothing of what is asked about are left out, so that a page may be short.
func (a *api) listPermissions(x *exchange) error {
	var asked []access.Capability
	for _, raw := range x.r.URL.Query()["capability"] {
		c := access.Capability(raw)
		if !c.Known() {
			return errNoSuchCapability
		}
		asked = append(asked, c)
	}
	if len(asked) == 0 {
		asked = access.Capabilities()
	}
	at, err := a.judgedAt(x)
	if err != nil {
		return err
	}
	page, asOf, err := a.subjects(x, "permission.list", permissions.Query{Cursor: x.cursor, Limit: queryLimit(x)})
	if err != nil {
		return err
	}
	answer := struct {
		At      time.Time    `json:"at"`
		Members []holderView `json:"members"`
		Next    nextCursor   `json:"nextCursor,omitzero"`
		AsOf    string       `json:"asOf"`
	}{At: at, Members: []holderView{}, Next: x.next(page.Next), AsOf: asOf}
	for _, s := range page.Subjects {
		var held []permissions.Permission
		for _, p := range permissions.Of(s, asked, at) {
			if !p.Reach.Empty() {
				held = append(held, p)
			}
		}
		if len(held) > 0 {
			answer.Members = append(answer.Members, holderOf(s, held))
		}
	}
	return x.reply(answer)
}
