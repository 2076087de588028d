using Dqn.Media;

namespace Dqn.Tests.Media;

public class StrokeFontTests
{
    private const string Wanted = "±εγ×–—…−°µαβδθλμπσΔΣ²·→≤≥≈∞‘’“”";

    private static char[] Characters => [.. Enumerable.Range(' ', '~' - ' ' + 1).Select(i => (char)i), .. Wanted];

    [Test]
    public void Every_printable_character_is_drawn() =>
        Assert.That(Characters.Where(c => !StrokeGlyphs.Table.ContainsKey(c)), Is.Empty);

    [Test]
    public void Characters_are_told_apart_at_12_pixels([Values] bool bold)
    {
        var pictures = new Dictionary<string, char>();
        foreach (char c in Characters.Except(['\u00A0', 'μ', '‘', '’']))
        {
            byte[] pixels = Draw(c.ToString(), 12, bold);
            Assert.That(pixels.Any(value => value < 128), Is.EqualTo(c != ' '), $"'{c}' leaves ink");
            string key = Convert.ToBase64String(pixels);
            Assert.That(pictures.TryAdd(key, c), $"'{c}' looks like '{pictures.GetValueOrDefault(key)}'");
        }
    }

    [Test]
    public void Glyphs_stay_in_their_line_and_nearly_in_their_width()
    {
        foreach ((char c, _) in StrokeGlyphs.Table)
        {
            double width = StrokeFont.Width(c.ToString(), new TextStyle(100, default));
            foreach (PenStroke stroke in StrokeFont.Strokes(c.ToString(), new TextStyle(100, default), 0, 0, false))
            {
                Assert.That(Math.Min(stroke.X0, stroke.X1), Is.GreaterThanOrEqualTo(0), $"{c}");
                Assert.That(Math.Max(stroke.X0, stroke.X1), Is.LessThanOrEqualTo(width), $"{c}");
                Assert.That(-Math.Max(stroke.Y0, stroke.Y1), Is.GreaterThanOrEqualTo(-25), $"{c}");
                Assert.That(-Math.Min(stroke.Y0, stroke.Y1), Is.LessThanOrEqualTo(80), $"{c}");
            }
        }
    }

    [Test]
    public void Capitals_end_on_whole_pixels()
    {
        // "E" at 12 pixels: capitals are 9 high, so the row above them and the row below the baseline stay white.
        byte[] pixels = Draw("E", 12, bold: false);
        byte Darkest(int row) => Enumerable.Range(0, 20).Min(x => pixels[3 * (row * 20 + x)]);
        Assert.That(Darkest(15), Is.EqualTo(255), "below");
        Assert.That(Darkest(14), Is.LessThan(10), "the lowest bar");
        Assert.That(Darkest(6), Is.LessThan(10), "the highest bar");
        Assert.That(Darkest(5), Is.EqualTo(255), "above");
    }

    [Test]
    public void Text_upwards_is_text_turned()
    {
        var style = new TextStyle(20, default);
        PenStroke[] level = [.. StrokeFont.Strokes("Ag", style, 0, 0, false)];
        PenStroke[] turned = [.. StrokeFont.Strokes("Ag", style, 0, 0, true)];
        Assert.That(turned, Is.EqualTo(level.Select(s => s with { X0 = s.Y0, Y0 = -s.X0, X1 = s.Y1, Y1 = -s.X1 })));
    }

    [Test]
    public void Missing_characters_take_a_box_each() => Assert.That(
        StrokeFont.Width("語🏎", new TextStyle(100, default)), Is.EqualTo(112).Within(1e-9));

    // A picture of 20 × 20 pixels, the baseline below row 14.
    private static byte[] Draw(string text, double size, bool bold)
    {
        var canvas = new RasterCanvas(20, 20, 1);
        canvas.FillRectangle(new PlotArea(0, 0, 20, 20), new RgbColor(255, 255, 255), 1);
        canvas.Text(text, new PlotPoint(1, 15), TextAnchor.Start, new TextStyle(size, default, bold));
        return canvas.Image.Pixels;
    }
}
