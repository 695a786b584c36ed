package duplicates

import (
	"context"
	"fmt"
	"slices"

	"github.com/jackc/pgx/v5/pgxpool"

	"praxis/domain/access"
	"praxis/domain/chart"
	"praxis/domain/id"
	"praxis/projections/page"
	"praxis/projections/read"
	"praxis/projections/roster"
)

// Find returns charts within reach (roster.view) that have one of the signs, limit of them
// at the most, in the order of their ids. One statement looks up the signs whatever it
// finds: a chart beyond reach costs what any other row does that is left out of a list.
func Find(ctx context.Context, pool *pgxpool.Pool, reach access.Reach, signs []chart.Sign, limit int) ([]id.Chart, error) {
	var where read.Where
	where.And("signs && ?::uuid[]", signs).And("merged_into is null").And("chart_id in (" + roster.Seen(reach, &where.Args) + ")")
	found, err := read.Rows[struct {
		Chart id.Chart `db:"chart_id"`
	}](ctx, pool, "charts that look alike", "select chart_id from "+likenessTable+" where "+where.String()+" order by chart_id limit "+where.Args.Add(limit), where.Args.Values...)
	charts := make([]id.Chart, 0, len(found))
	for _, f := range found {
		charts = append(charts, f.Chart)
	}
	return charts, err
}

// mostAlike bounds how many charts with one sign are compared with each other: a likeness
// that more have, such as of test patients, tells nothing.
const mostAlike = 100

// Patient is a chart of a pair.
type Patient struct {
	Chart      id.Chart `json:"id"`
	GivenName  string   `json:"givenName"`
	FamilyName string   `json:"familyName"`
	BirthDate  *string  `json:"birthDate,omitempty"`
	Email      string   `json:"email,omitempty"`
	Phone      string   `json:"phone,omitempty"`
	Archived   bool     `json:"archived"`
}

// Pair is two charts that may be of the same person. An archived one is never the first.
type Pair struct {
	Chart Patient          `json:"chart"`
	Other Patient          `json:"other"`
	In    []chart.Likeness `json:"alike"`
}

// Query asks for pairs of which both charts are within Reach (roster.view).
type Query struct {
	Reach  access.Reach
	Cursor page.Token
	Limit  int
}

// Page is one page.
type Page struct {
	Pairs []Pair
	Next  page.Token
}

// row is a pair as it is read.
type row struct {
	Low, High                 id.Chart
	LowGiven, LowFamily       string
	LowBirth, HighBirth       *string
	LowEmail, LowPhone        string
	HighGiven, HighFamily     string
	HighEmail, HighPhone      string
	LowArchived, HighArchived bool
	Signs                     []chart.Sign
}

var byID = read.Order[row]{
	Name: "duplicates",
	Keys: []read.Key[row]{
		read.ID("low", func(r row) id.Chart { return r.Low }),
		read.ID("high", func(r row) id.Chart { return r.High }),
	},
}

// List answers a query: pairs that nobody has told apart, and of which at least one is not
// archived, in the order of their ids. Fault: "malformed_cursor".
func List(ctx context.Context, pool *pgxpool.Pool, q Query) (Page, error) {
	var where read.Where
	seen := roster.SeenPatients(q.Reach, &where.Args)
	found := fmt.Sprintf(`
with seen as materialized (%[1]s),
     signs as materialized (select chart_id, unnest(signs) as sign from %[2]s where merged_into is null and chart_id in (select chart_id from seen)),
     shared as (select sign from signs group by sign having count(*) between 2 and %[4]d),
     pairs as (select a.chart_id as low, b.chart_id as high, array_agg(sign order by sign) as signs
                 from shared join signs a using (sign) join signs b using (sign) where a.chart_id < b.chart_id
                  and not exists (select from %[3]s where low_chart_id = a.chart_id and high_chart_id = b.chart_id) group by 1, 2),
     found as (select p.low, p.high, p.signs, l.given_name as low_given, l.family_name as low_family, l.birth_date as low_birth, l.email as low_email, l.phone as low_phone, l.archived as low_archived,
                      h.given_name as high_given, h.family_name as high_family, h.birth_date as high_birth, h.email as high_email, h.phone as high_phone, h.archived as high_archived
                 from pairs p join seen l on l.chart_id = p.low join seen h on h.chart_id = p.high where not (l.archived and h.archived))
select * from found`, seen, likenessTable, apartTable, mostAlike)
	list, next, err := read.List(ctx, pool, found, &where, byID, q.Cursor, q.Limit)
	pairs := make([]Pair, 0, len(list))
	for _, r := range list {
		pairs = append(pairs, r.pair())
	}
	return Page{pairs, next}, err
}

func (r row) pair() Pair {
	one := Patient{r.Low, r.LowGiven, r.LowFamily, r.LowBirth, r.LowEmail, r.LowPhone, r.LowArchived}
	other := Patient{r.High, r.HighGiven, r.HighFamily, r.HighBirth, r.HighEmail, r.HighPhone, r.HighArchived}
	if one.Archived {
		one, other = other, one
	}
	p := Pair{Chart: one, Other: other}
	for _, s := range r.Signs {
		if !slices.Contains(p.In, s.Of()) {
			p.In = append(p.In, s.Of())
		}
	}
	return p
}
