package roster_test

import (
	"bytes"
	"encoding/csv"
	"fmt"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/jackc/pgx/v5/pgxpool"
	"github.com/stretchr/testify/require"
	"go.uber.org/goleak"
	"pgregory.net/rapid"

	"praxis/adapters/postgres/pgtest"
	"praxis/domain/access"
	"praxis/domain/careteam"
	"praxis/domain/chart"
	"praxis/domain/civil"
	"praxis/domain/es"
	"praxis/domain/fault"
	"praxis/domain/id"
	"praxis/domain/text/texttest"
	"praxis/projections"
	"praxis/projections/page"
	"praxis/projections/projtest"
	"praxis/projections/roster"
)

func TestMain(m *testing.M) {
	goleak.VerifyTestMain(m, goleak.IgnoreAnyFunction("praxis/adapters/postgres/embedded.(*process).supervise"))
}

var (
	practice  = id.MustParse[id.Group]("00000000-0000-4000-8000-0000000000f0")
	elsewhere = id.MustParse[id.Group]("00000000-0000-4000-8000-0000000000f1")
	ana       = id.MustParse[id.Member]("00000000-0000-4000-8000-00000000000a")
	ben       = id.MustParse[id.Member]("00000000-0000-4000-8000-00000000000b")
	main      = id.MustParse[id.Branch]("00000000-0000-4000-8000-0000000000b1")
	river     = id.MustParse[id.Branch]("00000000-0000-4000-8000-0000000000b2")
)

func chartN(n int) id.Chart {
	return id.MustParse[id.Chart](fmt.Sprintf("00000000-0000-4000-8000-0000000c%04x", n))
}

func everything(g id.Group) access.Reach {
	return access.Reach{Group: g, Parts: []access.Part{{Within: access.Area{All: true}}}}
}

func on(n int, event chart.Event) projtest.Event {
	return projtest.On(chart.Stream(practice, chartN(n)), event)
}

func created(n int, given, family string, primary id.Member, branch id.Branch) projtest.Event {
	return on(n, chart.Created{
		Chart: chartN(n), Group: practice, GivenName: given, FamilyName: family, BirthDate: civil.MustDate("1980-05-17"),
		Branch: branch, Primary: primary, PrimaryRule: chart.ByChoice,
	})
}

func given(t testing.TB, events ...projtest.Event) (*projtest.Spec, *pgxpool.Pool) {
	t.Helper()
	registry, err := es.NewRegistry(es.Plain{}, chart.Events())
	require.NoError(t, err)
	pool := pgtest.New(t)
	return projtest.Given(t, projtest.Model{Pool: pool, Registry: registry, Projector: roster.Projector{}}, events...), pool
}

// names lists a query's answer, page by page.
func names(t testing.TB, pool *pgxpool.Pool, q roster.Query) []string {
	t.Helper()
	var all []string
	for {
		page, err := roster.List(t.Context(), projections.Live(pool), q)
		require.NoError(t, err)
		for _, e := range page.Entries {
			all = append(all, strings.TrimSpace(e.GivenName+" "+e.FamilyName))
		}
		if q.Cursor = page.Next; q.Cursor == "" {
			return all
		}
	}
}

func TestProjector(t *testing.T) {
	const row = "select given_name, family_name, birth_date, primary_id, branch_id, team, status, archived, revision from chart"
	want := func(given, primary, branch, team, status, archived string, revision int) string {
		return fmt.Sprintf(`{"given_name":%q,"family_name":"Cole","birth_date":"1980-05-17","primary_id":%q,"branch_id":%q,"team":[%s],"status":%q,"archived":%s,"revision":%d}`,
			given, primary, branch, team, status, archived, revision)
	}
	a, b, atMain, atRiver := ana.String(), ben.String(), main.String(), river.String()
	spec, _ := given(t, created(1, "Ada", "Cole", ana, main))
	spec.Then(row, want("Ada", a, atMain, "", "active", "false", 0))

	t.Run("AMB-16 assigning a chart changes its one primary; the former may stay on the team", func(*testing.T) {
		spec.When(on(1, chart.PrimaryProfessionalChanged{From: ana, To: ben, FormerBecomes: careteam.Clinician})).
			Then(row, want("Ada", b, atMain, `"`+a+`"`, "active", "false", 1))
		spec.When(on(1, chart.PrimaryProfessionalChanged{From: ben, To: ana})).
			Then(row, want("Ada", a, atMain, "", "active", "false", 2))
	})
	t.Run("AMB-14 a chart in custody is with its custodian until a clinician takes it", func(*testing.T) {
		spec.When(on(1, chart.PlacedInCustody{From: ana, Custodian: ben})).Then(row, want("Ada", b, atMain, "", "active", "false", 3))
		spec.When(on(1, chart.PrimaryProfessionalChanged{From: ben, To: ana})).Then(row, want("Ada", a, atMain, "", "active", "false", 4))
	})
	t.Run("H-4 members join and leave the care team", func(*testing.T) {
		spec.When(on(1, chart.TeamMemberAdded{Member: ben, Role: careteam.Support})).Then(row, want("Ada", a, atMain, `"`+b+`"`, "active", "false", 5))
		spec.When(on(1, chart.TeamMemberRemoved{Member: ben, LastRole: careteam.Support})).Then(row, want("Ada", a, atMain, "", "active", "false", 6))
	})
	t.Run("C-2 a chart moves to another branch", func(*testing.T) {
		spec.When(on(1, chart.BranchChanged{From: main, To: river})).Then(row, want("Ada", a, atRiver, "", "active", "false", 7))
	})
	t.Run("AMB-17 status and archived are independent; unarchiving restores the status", func(*testing.T) {
		spec.When(on(1, chart.StatusChanged{From: chart.Active, To: chart.Inactive})).Then(row, want("Ada", a, atRiver, "", "inactive", "false", 8))
		spec.When(on(1, chart.Archived{Reason: "moved", StatusAtArchive: chart.Inactive})).Then(row, want("Ada", a, atRiver, "", "inactive", "true", 9))
		spec.When(on(1, chart.Unarchived{Status: chart.Inactive})).Then(row, want("Ada", a, atRiver, "", "inactive", "false", 10))
	})
	t.Run("demographics replace what was known", func(*testing.T) {
		spec.When(on(1, chart.DemographicsUpdated{GivenName: "Ida", FamilyName: "Cole", BirthDate: civil.MustDate("1980-05-17")})).
			Then(row, want("Ida", a, atRiver, "", "inactive", "false", 11))
	})
	t.Run("what the roster does not show changes nothing but the revision", func(*testing.T) {
		spec.When(on(1, chart.PatientAccountLinked{Account: id.New[id.Account]()})).Then(row, want("Ida", a, atRiver, "", "inactive", "false", 12))
	})
}

func TestList(t *testing.T) {
	spec, pool := given(t,
		created(1, "Ada", "Cole", ana, main), created(2, "Bo", "Abbott", ben, main), created(3, "Cy", "de la Cole", ana, river),
		created(4, "Di", "Zhang", ben, river), created(5, "Eve", "100%_sure", ana, main),
		on(4, chart.StatusChanged{From: chart.Active, To: chart.Inactive}),
		on(5, chart.Archived{Reason: "moved", StatusAtArchive: chart.Active}))
	spec.Then("select count(*) from chart", `{"count":5}`)
	ask := func(q roster.Query) []string {
		if q.Reach.Empty() {
			q.Reach = everything(practice)
		}
		if q.Order == "" {
			q.Order = roster.ByName
		}
		return names(t, pool, q)
	}
	t.Run("C-1 the owner sees every clinician's charts, by name", func(t *testing.T) {
		require.Equal(t, []string{"Bo Abbott", "Ada Cole", "Cy de la Cole", "Di Zhang"}, ask(roster.Query{}))
	})
	t.Run("orders turn round, and creation is one of them", func(t *testing.T) {
		require.Equal(t, []string{"Di Zhang", "Cy de la Cole", "Ada Cole", "Bo Abbott"}, ask(roster.Query{Descending: true}))
		require.Equal(t, []string{"Di Zhang", "Cy de la Cole", "Bo Abbott", "Ada Cole"}, ask(roster.Query{Order: roster.ByCreated, Descending: true}))
	})
	t.Run("AMB-17 archived charts are hidden by default and listed when asked for", func(t *testing.T) {
		require.Equal(t, []string{"Eve 100%_sure"}, ask(roster.Query{Filter: roster.Filter{Archived: true}}))
	})
	t.Run("C-5 filters narrow by clinician, branch and status, together", func(t *testing.T) {
		require.Equal(t, []string{"Ada Cole", "Cy de la Cole"}, ask(roster.Query{Filter: roster.Filter{Clinicians: []id.Member{ana}}}))
		require.Equal(t, []string{"Cy de la Cole", "Di Zhang"}, ask(roster.Query{Filter: roster.Filter{Branches: []id.Branch{river}}}))
		require.Equal(t, []string{"Di Zhang"}, ask(roster.Query{Filter: roster.Filter{Status: chart.Inactive}}))
		require.Empty(t, ask(roster.Query{Filter: roster.Filter{Clinicians: []id.Member{ana}, Status: chart.Inactive}}))
	})
	t.Run("search finds the beginning of any word, and takes no wildcards", func(t *testing.T) {
		require.Equal(t, []string{"Ada Cole", "Cy de la Cole"}, ask(roster.Query{Filter: roster.Filter{Search: "COL"}}))
		require.Equal(t, []string{"Bo Abbott"}, ask(roster.Query{Filter: roster.Filter{Search: " bo"}}))
		require.Empty(t, ask(roster.Query{Filter: roster.Filter{Search: "ole"}}))
		require.Empty(t, ask(roster.Query{Filter: roster.Filter{Search: "%"}}))
		require.Equal(t, []string{"Eve 100%_sure"}, ask(roster.Query{Filter: roster.Filter{Search: "100%_", Archived: true}}))
	})
	t.Run("reach decides, whatever is asked for", func(t *testing.T) {
		own := access.Reach{Group: practice, Parts: []access.Part{{Within: access.Area{Clinicians: []id.Member{ana}}}}}
		require.Equal(t, []string{"Ada Cole", "Cy de la Cole"}, ask(roster.Query{Reach: own}))
		require.Empty(t, ask(roster.Query{Reach: own, Filter: roster.Filter{Clinicians: []id.Member{ben}}}))
		require.Empty(t, ask(roster.Query{Reach: everything(elsewhere)}))
		page, err := roster.List(t.Context(), projections.Live(pool), roster.Query{Order: roster.ByName, Limit: 10})
		require.NoError(t, err)
		require.Empty(t, page.Entries, "no reach shows nothing")
	})
	t.Run("one chart is found within reach only", func(t *testing.T) {
		entry, err := roster.Find(t.Context(), pool, everything(practice), chartN(1))
		require.NoError(t, err)
		require.Equal(t, "Ada", entry.GivenName)
		_, err = roster.Find(t.Context(), pool, everything(elsewhere), chartN(1))
		require.ErrorIs(t, err, fault.New(fault.NotFound, "chart_not_found", ""))
	})
	t.Run("a cursor of another order is refused", func(t *testing.T) {
		first, err := roster.List(t.Context(), projections.Live(pool), roster.Query{Reach: everything(practice), Order: roster.ByName, Limit: 1})
		require.NoError(t, err)
		for _, cursor := range []page.Token{first.Next, "no JSON", "{}"} {
			_, err = roster.List(t.Context(), projections.Live(pool), roster.Query{Reach: everything(practice), Order: roster.ByCreated, Limit: 1, Cursor: cursor})
			require.ErrorIs(t, err, fault.New(fault.Invalid, "malformed_cursor", ""))
		}
	})
}

func TestFoundT1_PeopleAreFoundAsTheyAreSpelledOnThePhone(t *testing.T) {
	people := texttest.People()
	var events []projtest.Event
	for n, s := range people {
		given, family := s.As(), ""
		if n%2 == 0 {
			given, family = "", s.As()
		}
		events = append(events, created(n, given, family, ana, main))
	}
	spec, pool := given(t, events...)
	spec.Then("select count(*) from chart", fmt.Sprintf(`{"count":%d}`, len(people)))
	found := func(typed string) []string {
		return names(t, pool, roster.Query{Reach: everything(practice), Order: roster.ByName, Filter: roster.Filter{Search: typed}})
	}
	for _, s := range people {
		for _, typed := range append(s.Find, s.Text) {
			require.Contains(t, found(typed), strings.TrimSpace(s.As()), "%s: %q", s.Name, typed)
		}
	}
	require.Equal(t, []string{"Jörg Müller"}, found("muller jorg"), "in any order")
	require.Equal(t, []string{"Nguyễn Thị Ánh"}, found("anh ng"))
	require.Empty(t, found("üller"), "the middle of a word")
	require.Empty(t, found("muller x"), "every word")
	require.Empty(t, found("'"), "what no name can be found by")
}

func TestFoundT1_NamesAreSortedAsInADirectory(t *testing.T) {
	order := []string{
		"12 Monkeys", "abbott", "Ábel", "Abel Zed", "Abelard", "Çelik", "Cesar", "Łukasz", "Lumumba", "muller", "Muller", "müller", "Müller",
		"Mulligan", "Ñandú", "Nguyen", "Sorensen", "Sørensen", "Straße", "Strasser", "Zoe", "Яна", "山田",
	}
	var events []projtest.Event
	for _, n := range rand.New(rand.NewPCG(1, 2)).Perm(len(order)) {
		events = append(events, created(n, "", order[n], ana, main))
	}
	spec, pool := given(t, events...)
	spec.Then("select count(*) from chart", fmt.Sprintf(`{"count":%d}`, len(order)))
	for limit := 1; limit <= len(order); limit++ {
		require.Equal(t, order, names(t, pool, roster.Query{Reach: everything(practice), Order: roster.ByName, Limit: limit}), "pages of %d", limit)
	}
	backwards := slices.Clone(order)
	slices.Reverse(backwards)
	require.Equal(t, backwards, names(t, pool, roster.Query{Reach: everything(practice), Order: roster.ByName, Descending: true, Limit: 3}))
}

func TestPagesHoldEveryChartOnce(t *testing.T) {
	var events []projtest.Event
	var want []string
	for n := range 60 {
		family := fmt.Sprintf("Family%d", n%7) // many equal names, so that ties decide
		events = append(events, created(n, "Given", family, ana, main))
		want = append(want, "Given "+family)
	}
	slices.Sort(want)
	spec, pool := given(t, events...)
	spec.Then("select count(*) from chart", `{"count":60}`)
	rapid.Check(t, func(rt *rapid.T) {
		q := roster.Query{
			Reach: everything(practice), Limit: rapid.IntRange(1, 70).Draw(rt, "limit"),
			Order:      rapid.SampledFrom([]roster.Order{roster.ByName, roster.ByCreated}).Draw(rt, "order"),
			Descending: rapid.Bool().Draw(rt, "descending"),
		}
		got := names(t, pool, q)
		slices.Sort(got)
		require.Equal(rt, want, got)
	})
}

// written is a file of entries, with all columns unless the sheet says which.
func written(t testing.TB, sheet roster.Sheet, entries ...roster.Entry) []byte {
	t.Helper()
	var err error
	sheet.Columns, err = roster.Columns(sheet.Columns, func(access.Capability) bool { return true })
	require.NoError(t, err)
	var out bytes.Buffer
	rows, err := sheet.Write(&out, func(yield func(roster.Entry, error) bool) {
		for _, e := range entries {
			if !yield(e, nil) {
				return
			}
		}
	})
	require.NoError(t, err)
	require.Equal(t, len(entries), rows)
	return out.Bytes()
}

func TestFoundT7_TheFileReadsWellInASpreadsheet(t *testing.T) {
	birth := "1980-05-17"
	opened := time.Date(2026, 1, 2, 3, 4, 5, 0, time.UTC)
	entry := func(n int, given, family, email, phone string) roster.Entry {
		return roster.Entry{
			Chart: chartN(n), GivenName: given, FamilyName: family, BirthDate: &birth, Email: email, Phone: phone,
			Branch: main, Primary: ana, Status: chart.Active, CreatedAt: opened, ChangedAt: opened.Add(time.Duration(n) * time.Hour),
		}
	}
	sheet := roster.Sheet{
		Clinicians: map[id.Member]string{ana: "Dr. Ana “=1” Öz"}, Branches: map[id.Branch]string{main: "Main, office"},
		AsOf: "12.34", BOM: true,
	}
	withTeam := entry(2, "Zoë", "O’Brien", "zoe@example.org", "030 1234567")
	withTeam.Team = []id.Member{ana, ben}
	file := written(t, sheet, entry(1, "=cmd()", `Cole "the" one`, "@x", "+1 555"), withTeam)
	const rest = "\"%s\",\"Main, office\",2026-01-02T03:04:05Z,2026-01-02T0%d:04:05Z\r\n"
	require.Equal(t, "\ufeffchart,family name,given name,birth date,email,phone,status,archived,primary clinician,team,branch,opened at,changed at\r\n"+
		`00000000-0000-4000-8000-0000000c0001,"Cole ""the"" one","'=cmd()",1980-05-17,"'@x","+1 555",active,false,"Dr. Ana “=1” Öz",`+fmt.Sprintf(rest, "", 4)+
		`00000000-0000-4000-8000-0000000c0002,"O’Brien","Zoë",1980-05-17,"zoe@example.org","030 1234567",active,false,"Dr. Ana “=1” Öz",`+fmt.Sprintf(rest, "Dr. Ana “=1” Öz; "+ben.String(), 5)+
		`"as of 12.34, last change 2026-01-02T05:04:05Z",,,,,,,,,,,,`+"\r\n", string(file))

	for number, cell := range map[string]string{
		"+4930901820": "+493090 1820", "0301234567": "030123 4567", "+49 30 901820": "+49 30 901820", "+1-555-0100": "+1 555 0100",
		"(030) 12.34": "030 12 34", "112": "112", "-49-1": "49 1", "": "",
	} {
		file := written(t, roster.Sheet{}, entry(1, "A", "B", "", number))
		require.Contains(t, string(file), `,"B","A",1980-05-17,"","`+cell+`",active,`, number)
	}
	for _, s := range texttest.All() {
		if s.Line != "" {
			continue
		}
		file := written(t, roster.Sheet{}, entry(1, "A", s.As(), "", ""))
		rows, err := csv.NewReader(strings.NewReader(string(file))).ReadAll()
		require.NoError(t, err)
		guarded := s.As()
		if strings.ContainsAny(guarded[:1], "=+-@") || strings.HasPrefix(guarded, "＝") {
			guarded = "'" + guarded
		}
		require.Equal(t, strings.NewReplacer(";=", ";'=", ";-", ";'-").Replace(guarded), rows[1][1], s.Name)
	}
}

// A spreadsheet may take another character than the comma for what parts the cells, and
// leave out what cannot be seen; names of before may hold both.
func TestFoundT7_NoTextRunsInASpreadsheet(t *testing.T) {
	for typed, cell := range map[string]string{
		"x;=1+1;y": "x;'=1+1;y", "x,+1": "x,'+1", "x\t-1": "x\t'-1", `x"@A1`: `x"'@A1`, "x; \u200b=1": "x;' \u200b=1", "x\n=1": "x\n'=1", "x;;＝1": "x;;'＝1",
		"\u200b=1+2": "'\u200b=1+2", "\ufeff=3": "'\ufeff=3", " \u00a0@x": "' \u00a0@x", "\t=1": "\t'=1", "\u3164-1": "'\u3164-1", "\ufe0f+1": "'\ufe0f+1",
		"=1;=2": "'=1;'=2", `"=1"`: `"'=1"`,
		"Anne-Marie": "Anne-Marie", "a@b.example": "a@b.example", "Main, office": "Main, office", `Cole "the" one`: `Cole "the" one`, "1+1=2": "1+1=2", "; ": "; ", "'=1": "'=1",
	} {
		e := roster.Entry{Chart: chartN(1), GivenName: typed, FamilyName: typed, Email: typed, Branch: main, Primary: ana, Team: []id.Member{ben}, Status: chart.Active}
		file := written(t, roster.Sheet{Clinicians: map[id.Member]string{ana: typed, ben: typed}, Branches: map[id.Branch]string{main: typed}}, e)
		rows, err := csv.NewReader(strings.NewReader(string(file))).ReadAll()
		require.NoError(t, err)
		for _, column := range []int{1, 2, 4, 8, 9, 10} {
			require.Equal(t, cell, rows[1][column], "%+q in column %d", typed, column)
		}
		quoted := `"` + strings.ReplaceAll(cell, `"`, `""`) + `"`
		require.Contains(t, string(file), ","+quoted+","+quoted+",", "every text is quoted")
	}
	t.Run("a phone number is no sum", func(t *testing.T) {
		for number, cell := range map[string]string{"+1+2+3": "+1 2 3", "++49 30": "+49 30", "1+2": "1 2", "+": "", "=1": "'=1"} {
			file := written(t, roster.Sheet{}, roster.Entry{Chart: chartN(1), Phone: number, Branch: main, Primary: ana, Status: chart.Active})
			rows, err := csv.NewReader(strings.NewReader(string(file))).ReadAll()
			require.NoError(t, err)
			require.Equal(t, cell, rows[1][5], number)
		}
	})
}

// C-4: a file has the columns that are chosen, and none that tells more than its reader may see.
func TestExport_ChoosesColumnsAmongThoseThatMayBeSeen(t *testing.T) {
	e := roster.Entry{Chart: chartN(1), GivenName: "Ada", FamilyName: "Ames", Branch: main, Primary: ana, Team: []id.Member{ben}, Status: chart.Active}
	named := roster.Sheet{Clinicians: map[id.Member]string{ana: "Ana"}, Branches: map[id.Branch]string{main: "Main"}, AsOf: "7.7"}
	named.Columns = []roster.Column{roster.ColumnGivenName, roster.ColumnClinician, roster.ColumnClinicianID, roster.ColumnBranch, roster.ColumnTeam}
	require.Equal(t, "given name,primary clinician,primary clinician id,branch,team\r\n\"Ada\",\"Ana\","+ana.String()+",\"Main\",\""+ben.String()+"\"\r\n\"as of 7.7\",,,,\r\n",
		string(written(t, named, e)))

	seesNoTeams := func(c access.Capability) bool { return c != access.TeamView }
	all, err := roster.Columns(nil, seesNoTeams)
	require.NoError(t, err)
	require.NotContains(t, all, roster.ColumnTeam)
	require.Contains(t, all, roster.ColumnClinician)
	_, err = roster.Columns([]roster.Column{roster.ColumnGivenName, roster.ColumnTeam}, seesNoTeams)
	require.Equal(t, "columns_not_permitted", fault.From(err).Code)
	require.Equal(t, map[string]string{"column": "team", "capability": "team.view"}, fault.From(err).Details)
}
