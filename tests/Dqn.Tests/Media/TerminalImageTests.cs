using System.Text.RegularExpressions;
using Dqn.Media;
using Dqn.Randomness;

namespace Dqn.Tests.Media;

public partial class TerminalImageTests
{
    [Test]
    public void Two_pixels_become_one_cell()
    {
        byte[] frame =
        [
            255, 0, 0, 255, 0, 0,
            0, 0, 9, 10, 0, 9,
        ];
        string text = new TerminalImage(2, 1).Render(frame, 2, 2).ToString();
        Assert.That(text, Is.EqualTo("\e[1;1H\e[38;2;255;0;0m\e[48;2;0;0;9m▀\e[48;2;10;0;9m▀\e[0m"));
    }

    [TestCase(96, 96, 40, 20)]
    [TestCase(96, 84, 33, 14)]
    [TestCase(600, 400, 80, 24)]
    [TestCase(5, 3, 12, 9)]
    [TestCase(7, 7, 7, 3)]
    public void Cells_show_the_mean_of_their_area(int width, int height, int columns, int rows)
    {
        var random = new Pcg64(2);
        var frame = new byte[3 * width * height];
        for (int i = 0; i < frame.Length; i++)
            frame[i] = (byte)random.Integer(256);
        var image = new TerminalImage(columns, rows);
        image.Render(new byte[3], 1, 1); // what was drawn before leaves no trace
        byte[,,] shown = Show(image.Render(frame, width, height).ToString(), columns, rows);

        for (int y = 0; y < 2 * rows; y++)
            for (int x = 0; x < columns; x++)
                for (int c = 0; c < 3; c++)
                    Assert.That((double)shown[y, x, c], Is.EqualTo(Mean(x, y, c)).Within(0.51), $"{x}, {y}, {c}");

        double Mean(int x, int y, int c)
        {
            double left = (double)x * width / columns, right = (x + 1.0) * width / columns;
            double top = y * height / (2.0 * rows), bottom = (y + 1) * height / (2.0 * rows), sum = 0;
            for (int sy = (int)top; sy < Math.Min(height, bottom); sy++)
                for (int sx = (int)left; sx < Math.Min(width, right); sx++)
                    sum += frame[3 * (sy * width + sx) + c]
                        * Math.Max(0, Math.Min(right, sx + 1) - Math.Max(left, sx))
                        * Math.Max(0, Math.Min(bottom, sy + 1) - Math.Max(top, sy));
            return sum / ((right - left) * (bottom - top));
        }
    }

    [Test]
    public void White_stays_white_however_large_the_frame()
    {
        var frame = new byte[3 * 1000 * 800];
        frame.AsSpan().Fill(255);
        byte[,,] shown = Show(new TerminalImage(7, 3).Render(frame, 1000, 800).ToString(), 7, 3);
        Assert.That(shown.Cast<byte>(), Is.All.EqualTo(255));
    }

    [Test]
    public void The_longest_text_fits()
    {
        var frame = new byte[3 * 2 * 3];
        for (int i = 0; i < frame.Length; i++)
            frame[i] = (byte)(255 - i); // every colour is new and has three digits
        Assert.That(Show(new TerminalImage(2, 1).Render(frame, 2, 3).ToString(), 2, 1), Has.Length.EqualTo(12));
        Assert.That(new TerminalImage(1, 10_000).Render(frame, 2, 3).Length, Is.GreaterThan(100_000));
    }

    [Test]
    public void A_second_frame_allocates_nothing()
    {
        var image = new TerminalImage(60, 30);
        var frame = new byte[3 * 96 * 96];
        new Random(1).NextBytes(frame);
        image.Render(frame, 96, 96);
        Assert.That(Allocations.Of(() => image.Render(frame, 96, 96)), Is.Zero);
    }

    [TestCase(96, 96, 80, 24, 48, 24)]
    [TestCase(600, 400, 80, 24, 72, 24)]
    [TestCase(600, 400, 40, 24, 40, 13)]
    [TestCase(1, 1000, 80, 24, 1, 24)]
    public void Sizes_that_fit(int width, int height, int maxColumns, int maxRows, int columns, int rows) =>
        Assert.That(TerminalImage.Fit(width, height, maxColumns, maxRows), Is.EqualTo((columns, rows)));

    [Test]
    public void Bad_sizes_are_refused()
    {
        Assert.That(() => new TerminalImage(0, 5), Throws.InstanceOf<ArgumentOutOfRangeException>());
        Assert.That(() => new TerminalImage(5, 10_001), Throws.InstanceOf<ArgumentOutOfRangeException>());
        Assert.That(
            () => new TerminalImage(5, 5).Render(new byte[5], 1, 2).Length,
            Throws.ArgumentException.With.Message.Contains("Expected 6 bytes for 1 × 2 RGB pixels, got 5"));
    }

    /// <summary>What a terminal would show: [2 rows, columns, 3].</summary>
    private static byte[,,] Show(string text, int columns, int rows)
    {
        var screen = new byte[2 * rows, columns, 3];
        int row = 0, column = 0, cells = 0;
        int[] upper = [], lower = [];
        MatchCollection tokens = Token().Matches(text);
        Assert.That(tokens.Sum(token => token.Length), Is.EqualTo(text.Length), "nothing but known sequences");
        foreach (Match token in tokens)
        {
            int[] numbers = [.. token.Groups["n"].Captures.Select(capture => int.Parse(capture.Value))];
            if (token.Value.EndsWith('H'))
                (row, column) = (numbers[0] - 1, numbers[1] - 1);
            else if (token.Value == "▀")
            {
                for (int c = 0; c < 3; c++)
                    (screen[2 * row, column, c], screen[2 * row + 1, column, c]) = ((byte)upper[c], (byte)lower[c]);
                (column, cells) = (column + 1, cells + 1);
            }
            else if (numbers is [38, 2, .. var foreground])
                upper = foreground;
            else if (numbers is [48, 2, .. var background])
                lower = background;
            else
                (upper, lower) = ([], []);
        }

        Assert.That(cells, Is.EqualTo(columns * rows));
        return screen;
    }

    [GeneratedRegex(@"▀|\e\[(?<n>\d+)(;(?<n>\d+))*[mH]")]
    private static partial Regex Token();
}
