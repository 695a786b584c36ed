package text_test

import (
	"net/mail"
	"strings"
	"testing"
	"unicode/utf8"

	"github.com/stretchr/testify/require"
	"golang.org/x/text/unicode/norm"

	"praxis/domain/fault"
	"praxis/domain/text"
	"praxis/domain/text/texttest"
)

const limit = 10_000

var (
	line = text.Line("given name", limit)
	note = text.Note("policy", limit)
	link = text.Link("website", 60)
)

// requireFault expects a refusal that names the field and repeats nothing.
func requireFault(t *testing.T, err error, code, what, typed string) {
	t.Helper()
	f := fault.From(err)
	require.Equal(t, code, f.Code)
	require.Equal(t, fault.Invalid, f.Kind)
	require.Contains(t, f.Message, "The "+what+" ")
	require.NotContains(t, f.Message, typed)
}

func TestFoundT2_OneTypeForWhatPeopleType(t *testing.T) {
	for _, s := range texttest.All() {
		t.Run(s.Name, func(t *testing.T) {
			t.Parallel()
			for _, f := range []struct {
				field    text.Field
				what     string
				refused  string
				multiple bool
			}{{line, "given name", s.Line, false}, {note, "policy", s.Note, true}} {
				kept, err := f.field.Read(s.Text)
				if code := strings.Replace(f.refused, "malformed_json", "malformed_text", 1); code != "" {
					requireFault(t, err, code, f.what, s.Text)
					continue
				}
				require.NoError(t, err)
				require.Equal(t, s.As(), kept)
				require.True(t, norm.NFC.IsNormalString(kept))
				again, err := f.field.Read(kept)
				require.NoError(t, err)
				require.Equal(t, kept, again, "what was kept is kept as it is")
			}
		})
	}
}

func TestRead(t *testing.T) {
	t.Run("the limit counts the characters that are kept", func(t *testing.T) {
		field := text.Line("name", 3)
		kept, err := field.Read("  e\u0301e\u0301e\u0301  ")
		require.NoError(t, err)
		require.Equal(t, "ééé", kept)
		_, err = field.Read("éééé")
		requireFault(t, err, "text_too_long", "name", "éééé")
		require.Contains(t, fault.From(err).Message, "3 characters")
		require.Equal(t, 3, field.Limit())
	})
	t.Run("an empty text is for the command to refuse", func(t *testing.T) {
		for _, empty := range []string{"", "  ", "\u00a0\u3000", "\n"} {
			kept, err := line.Read(empty)
			require.NoError(t, err)
			require.Empty(t, kept)
		}
	})
	t.Run("half of a character is refused", func(t *testing.T) {
		_, err := line.Read("A\xed\xa0\x80")
		requireFault(t, err, "malformed_text", "given name", "\xed")
	})
	t.Run("each refusal says what is wrong", func(t *testing.T) {
		for typed, says := range map[string]string{
			"a\nb": "must be one line", "a\x07": "control character", "a\u202e": "direction of writing", "a\ue000": "without a meaning", "a\xff": "UTF-8",
		} {
			_, err := line.Read(typed)
			require.ErrorContains(t, err, says)
		}
	})
}

// invisible are characters that leave no mark where they stand: two names that differ
// in one look the same.
var invisible = []string{
	"\u200b", "\ufeff", "\u2060", "\u00ad", "\u061c", "\u034f", "\u115f", "\u3164", "\uffa0", "\u17b4", "\u180e", "\u2061", "\u206a", "\ufff9", "\U0001d173", "\U000e0001", "\U000e0041",
}

func TestFoundT2_NothingInALineIsHidden(t *testing.T) {
	const says = "holds a character that cannot be seen or that turns the direction of writing"
	email, link := text.Email("e-mail address", 254), text.Link("website", 200)
	for _, c := range invisible {
		for field, typed := range map[*text.Field]string{&line: "Main" + c + " Street", &email: "a@b.example" + c, &link: "https://elm.example/a" + c} {
			_, err := field.Read(typed)
			require.Equal(t, "malformed_text", fault.From(err).Code, "%+q", typed)
			require.ErrorContains(t, err, says)
		}
		kept, err := note.Read("Main" + c + " Street")
		require.NoError(t, err, "%+q", c)
		require.Equal(t, "Main"+c+" Street", kept)
		require.Equal(t, "Main Street", line.Tidy("Main"+c+" Street"))
	}
	_, err := line.Read("Ada\u202eevE")
	require.ErrorContains(t, err, says, "one sentence for both")
	t.Run("joiners and marks stay where a script needs them", func(t *testing.T) {
		for _, name := range []string{
			"علی\u200cرضا", "क्\u200dष", "ක්\u200dර", "👩🏽\u200d⚕\ufe0f", "❤\ufe0f", "1\ufe0f\u20e3", "葛\U000e0100", "محمد\u200f (Mo)", "(Mo)\u200f יעל",
		} {
			kept, err := line.Read(name)
			require.NoError(t, err, "%+q", name)
			require.Equal(t, name, kept)
			require.Equal(t, name, line.Tidy(name))
		}
	})
	t.Run("and nowhere else", func(t *testing.T) {
		for _, twin := range []string{
			"Main\u200c Street", "Main\u200d Street", "Main \u200dStreet", "\u200dMain Street", "Main\ufe0f Street", "Пётр\u200d", "Main\u200e Street", "Main Street\u200f",
			"علی\u200c\u200cرضا",
		} {
			_, err := line.Read(twin)
			require.Equal(t, "malformed_text", fault.From(err).Code, "%+q", twin)
		}
		for _, c := range []string{"\u200c", "\u200d", "\u200e", "\u200f"} {
			_, err := email.Read("a@b.example" + c)
			require.Equal(t, "malformed_text", fault.From(err).Code, "%+q", c)
		}
	})
}

func TestFoundT4_LinksLeadToPages(t *testing.T) {
	for _, good := range []string{
		"https://elm.example", "http://elm.example/about?x=1#team", "https://müller.example", "HTTPS://elm.example:8443/", "https://[2001:db8::1]/",
	} {
		kept, err := link.Read(" " + good + " ")
		require.NoError(t, err)
		require.Equal(t, good, kept)
	}
	kept, err := link.Read("")
	require.NoError(t, err)
	require.Empty(t, kept)
	for _, bad := range []string{
		"javascript:alert(1)", "JaVaScRiPt:alert(1)", "data:text/html,x", "file:///etc/passwd", "ftp://elm.example", "mailto:ada@elm.example",
		"birch.example", "//birch.example", "https://", "https:///path", "https:elm.example", "https://:443", "https://elm.example@eve.example", "https://elm.example/a b", "https://el m.example", "http://[::1",
	} {
		_, err := link.Read(bad)
		require.Equal(t, "malformed_link", fault.From(err).Code, bad)
		require.Equal(t, "The website must be an address on the web that starts with https:// or http:// and names a host, such as https://elm.example.", fault.From(err).Message)
	}
}

func TestEmail(t *testing.T) {
	email := text.Email("e-mail address", 30)
	for _, good := range []string{"ada@example.org", "ädä@müller.example", "a+b@localhost", ""} {
		kept, err := email.Read(" " + good)
		require.NoError(t, err)
		require.Equal(t, good, kept)
	}
	for _, bad := range []string{"ada", "@example.org", "ada@", "a@b@c", "ada lovelace@example.org", "ada@exam\u00a0ple.org"} {
		_, err := email.Read(bad)
		require.Equal(t, "malformed_email", fault.From(err).Code, bad)
	}
}

// A mail can be sent to whatever is taken for an address, whoever typed it.
func TestFoundT2_AnAddressIsOneForPatientsAndInvitationsAlike(t *testing.T) {
	email := text.Email("e-mail address", 100)
	for _, bad := range []string{
		"<a@b.example>", "Ada <a@b.example>", "a@b..c", ".a@b.c", "a.@b.c", "a..b@c.d", "a@.b.c", "a@b.c.", "a@.", ".@b", "(c)a@b.example", "a@b.example(c)",
		"a,b@c.example", "a@b.example,c@d.example", "a;b@c.example", "a:b@c.example", `"a"@b.example`, `a\b@c.example`, "a@[192.0.2.1]", "mailto:a@b.example",
	} {
		_, err := email.Read(bad)
		requireFault(t, err, "malformed_email", "e-mail address", bad)
	}
	for _, sign := range "!\"#$%&'()*+,-./:;<=>?[\\]^_`{|}~" {
		address := "a" + string(sign) + "b@c.example"
		kept, err := email.Read(address)
		if strings.ContainsRune("\"(),:;<>[\\]", sign) {
			require.Equal(t, "malformed_email", fault.From(err).Code, address)
			continue
		}
		require.NoError(t, err)
		require.Equal(t, address, kept)
		parsed, err := mail.ParseAddress(address)
		require.NoError(t, err)
		require.Equal(t, address, parsed.Address)
	}
}

func TestTidy(t *testing.T) {
	for typed, kept := range map[string]string{
		"  Ada\nLovel ": "Ada Lovel", "A\u202eda": "Ada", "M\ufffdller": "Mller", "A\xffda": "Ada", "Mu\u0308ller": "Müller", "\u200b": "", "": "",
		"Ada\ue000": "Ada", "A\x00B": "A B", "Mu\u200b\u0308ller": "Müller", "\u200dAda": "Ada", "1234567890": "1234567890", "1234567890x": "123456789…", "12345678 0x": "12345678…",
	} {
		require.Equal(t, kept, text.Line("name", 10).Tidy(typed), "%q", typed)
	}
}

func FuzzRead(f *testing.F) {
	for _, s := range texttest.All() {
		f.Add(s.Text)
	}
	f.Fuzz(func(t *testing.T, s string) {
		for _, field := range []text.Field{line, note, link} {
			kept, err := field.Read(s)
			if err != nil {
				require.Equal(t, fault.Invalid, fault.KindOf(err))
				continue
			}
			require.True(t, utf8.ValidString(kept))
			again, err := field.Read(kept)
			require.NoError(t, err)
			require.Equal(t, kept, again)
		}
		tidy := line.Tidy(s)
		kept, err := line.Read(tidy)
		require.NoError(t, err)
		require.Equal(t, tidy, kept)
	})
}
