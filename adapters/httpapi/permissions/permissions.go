// Package permissions is the API of who may do what, and who could and did.
package permissions

import (
	"slices"
	"time"

	"praxis/adapters/httpapi"
	"praxis/commands"
	"praxis/domain/access"
	"praxis/domain/fault"
	"praxis/domain/group"
	"praxis/domain/id"
	"praxis/projections/permissions"
)

// Handlers are those of who may do what, and who could and did.
func Handlers() httpapi.Handlers {
	return httpapi.Handlers{
		"listPermissions":      listPermissions,
		"getMemberPermissions": getMemberPermissions,
		"explainAccess":        explainAccess,
		"listChartAccess":      listChartAccess,
		"auditHistory":         auditHistory,

		"setMemberPermission": httpapi.HandleCommand(setMemberPermission),
		"clearMemberPermission": httpapi.Give(commands.ClearOverride, httpapi.Completed(func(in *httpapi.Input, c *group.ClearOverride) {
			c.Member, c.Capability = httpapi.Named[id.Member](in, "member"), capabilityOf(in)
		})),
		"setRolePermission": httpapi.Give(commands.SetRolePermission, httpapi.Completed(func(in *httpapi.Input, c *group.SetRolePermission) {
			c.Role, c.Capability = access.Role(in.InPath("role")), capabilityOf(in)
			in.About = string(c.Role)
		})),
	}
}

type permission struct {
	Effect group.Effect `json:"effect"`
	group.GrantPermission
}

func capabilityOf(in *httpapi.Input) access.Capability {
	return access.Capability(in.InPath("capability"))
}

func setMemberPermission(in *httpapi.Input, b permission) (commands.Receipt, error) {
	b.Member, b.Capability = httpapi.Named[id.Member](in, "member"), capabilityOf(in)
	switch {
	case in.Err != nil:
		return commands.Receipt{}, in.Err
	case b.Effect == group.EffectDeny:
		return commands.DenyPermission.Give(in.Ctx(), in.API.Engine, in.Call, group.DenyPermission(b.GrantPermission))
	default:
		return commands.GrantPermission.Give(in.Ctx(), in.API.Engine, in.Call, b.GrantPermission)
	}
}

type partView struct {
	Within access.Area  `json:"within"`
	Except *access.Area `json:"except,omitempty"`
}

type permissionView struct {
	Capability access.Capability `json:"capability"`
	Allowed    bool              `json:"allowed"`
	Everything bool              `json:"everything"`
	Reach      []partView        `json:"reach"`
	Grounds    []access.Ground   `json:"grounds"`
}

func permissionOf(p permissions.Permission) permissionView {
	return permissionView{
		Capability: p.Capability, Allowed: !p.Reach.Empty(), Everything: p.Reach.Everything(), Grounds: httpapi.List(p.Grounds),
		Reach: httpapi.Views(p.Reach.Parts, func(part access.Part) partView {
			if part.Except.Empty() {
				return partView{Within: part.Within}
			}
			return partView{part.Within, &part.Except}
		}),
	}
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

// judgedAt reads the instant that is asked about; that of the answer unless the query
// says otherwise.
func judgedAt(x *httpapi.Exchange) time.Time {
	if at, given := httpapi.QueryInstant(x, "at"); given {
		return at
	}
	return x.JudgedAt()
}

// subjects asks the gate and the model.
func subjects(x *httpapi.Exchange, action string, q permissions.Query) (page permissions.Page, err error) {
	var whose []access.Resource
	if !q.Member.IsZero() {
		whose = append(whose, access.Resource{Group: x.Group(), Clinician: q.Member, Subject: q.Member})
	}
	admission, err := x.AdmitAsOf(permissions.Name, commands.Question{Action: action, Capability: access.PermissionView, Target: permissions.Name}, whose...)
	if err != nil {
		return page, err
	}
	q.Reach = admission.Reach
	return permissions.Subjects(x.Ctx(), x.From, q)
}

var errNoPermissions = fault.New(fault.NotFound, "member_not_found", "There is no such member, or you may not see what they may do.")

// getMemberPermissions answers with one member's whole list.
func getMemberPermissions(x *httpapi.Exchange) error {
	member := httpapi.PathID[id.Member](x, "member")
	page, err := subjects(x, "permission.get", permissions.Query{Member: member, Limit: 1})
	if err != nil {
		return err
	}
	if len(page.Subjects) == 0 {
		return errNoPermissions
	}
	at := judgedAt(x)
	return x.Reply(struct {
		At   time.Time `json:"at"`
		AsOf string    `json:"asOf"`
		holderView
	}{at, x.AsOf(), holderOf(page.Subjects[0], permissions.Of(page.Subjects[0], access.Capabilities(), at))})
}

var errNoSuchCapability = fault.New(fault.Invalid, "unknown_capability", "There is no such permission.")

// listPermissions answers who may do something, and how far. Members who may
// nothing of what is asked about are left out, so that a page may be short.
func listPermissions(x *httpapi.Exchange) error {
	asked := httpapi.QueryWords[access.Capability](x, "capability")
	if slices.ContainsFunc(asked, func(c access.Capability) bool { return !c.Known() }) {
		return errNoSuchCapability
	}
	if len(asked) == 0 {
		asked = access.Capabilities()
	}
	page, err := subjects(x, "permission.list", permissions.Query{Cursor: x.Cursor, Limit: httpapi.QueryLimit(x)})
	if err != nil {
		return err
	}
	at, members := judgedAt(x), []holderView{}
	for _, s := range page.Subjects {
		if held := permissions.Held(s, asked, at); len(held) > 0 {
			members = append(members, holderOf(s, held))
		}
	}
	return x.Reply(struct {
		At      time.Time          `json:"at"`
		Members []holderView       `json:"members"`
		Next    httpapi.NextCursor `json:"nextCursor,omitzero"`
		AsOf    string             `json:"asOf"`
	}{at, members, x.Next(page.Next), x.AsOf()})
}
