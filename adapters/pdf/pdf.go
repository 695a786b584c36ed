// Package pdf prints documents for people. The same document is the same bytes, for ever: a
// reprint is proven by the hash that stands in the log. The bytes hold neither the time nor
// the version of this program; a test knows the hash of a sample, so that a change of the
// layout, of the library or of the compression is noticed before it is released.
//
// The fonts are DejaVu Sans Condensed (a free licence, see fonts/LICENSE): Latin, Greek,
// Cyrillic and more, so that people are called what they are called. It may import the
// domain.
package pdf

import (
	"bytes"
	_ "embed"
	"fmt"
	"strings"
	"time"
	"unicode"

	"github.com/go-pdf/fpdf"
)

var (
	//go:embed fonts/DejaVuSansCondensed.ttf
	regular []byte
	//go:embed fonts/DejaVuSansCondensed-Bold.ttf
	bold []byte
)

// Sizes are in millimetres, those of fonts in points.
const (
	font   = "DejaVu"
	margin = 22.0
	width  = 210 - 2*margin
	line   = 6.0
)

// page is a document that is being written: A4, upright, with a footer on each page.
type page struct{ *fpdf.Fpdf }

// newPage begins a document. footer stands below each page, before its number.
func newPage(title, footer string) page {
	f := fpdf.New("P", "mm", "A4", "")
	f.SetCatalogSort(true)
	f.SetCompression(false)
	epoch := time.Unix(0, 0).UTC()
	f.SetCreationDate(epoch)
	f.SetModificationDate(epoch)
	f.SetProducer("Praxis", true)
	f.SetTitle(title, true)
	f.SetLang("en")
	f.AddUTF8FontFromBytes(font, "", regular)
	f.AddUTF8FontFromBytes(font, "B", bold)
	f.SetMargins(margin, margin, margin)
	f.SetAutoPageBreak(true, margin)
	f.AliasNbPages("{pages}")
	f.SetFooterFunc(func() {
		f.SetY(-15)
		f.SetFont(font, "", 7.5)
		f.SetTextColor(110, 110, 110)
		f.CellFormat(width-20, 4, footer, "", 0, "L", false, 0, "")
		f.CellFormat(20, 4, fmt.Sprintf("%d / {pages}", f.PageNo()), "", 0, "R", false, 0, "")
		f.SetTextColor(0, 0, 0)
	})
	f.AddPage()
	return page{f}
}

// heading writes a heading above a part of the document, and keeps it with what follows.
func (p page) heading(text string) {
	if p.GetY() > 297-margin-4*line {
		p.AddPage()
	}
	p.Ln(line)
	p.SetFont(font, "B", 11)
	p.CellFormat(width, line+1, text, "B", 1, "L", false, 0, "")
	p.Ln(1)
	p.SetFont(font, "", 10)
}

// text writes a text in one size, over as many lines as it needs.
func (p page) text(style string, size, height float64, text string) {
	p.SetFont(font, style, size)
	p.MultiCell(width, height, printable(text), "", "L", false)
}

// row writes two columns; what is too long for its column goes on in the next line.
func (p page) row(left, right string) {
	const half = width * 0.6
	left, right = printable(left), printable(right)
	p.SetFont(font, "", 10)
	lines := max(len(p.SplitText(left, half-2)), len(p.SplitText(right, width-half-2)), 1)
	if p.GetY()+float64(lines)*line > 297-margin {
		p.AddPage()
	}
	top := p.GetY()
	p.MultiCell(half, line, left, "", "L", false)
	p.SetXY(margin+half, top)
	p.MultiCell(width-half, line, right, "", "L", false)
	p.SetXY(margin, top+float64(lines)*line)
}

// printable is a text without what the fonts of a PDF cannot hold: signs beyond the basic
// plane and controls are shown as one that stands for what is missing.
func printable(text string) string {
	return strings.Map(func(r rune) rune {
		if r > 0xFFFF || unicode.IsControl(r) || unicode.Is(unicode.Bidi_Control, r) {
			return unicode.ReplacementChar
		}
		return r
	}, text)
}

// bytes ends the document.
func (p page) bytes() ([]byte, error) {
	var b bytes.Buffer
	if err := p.Output(&b); err != nil {
		return nil, fmt.Errorf("print a document: %w", err)
	}
	return b.Bytes(), nil
}
