using Dqn.CarRacing;

namespace Dqn.Tests.CarRacing.Rendering;

public class ScoreTextTests
{
    // As Python's f"{reward:04.0f}".
    [TestCase(0, "0000")]
    [TestCase(-0.2, "-000")]
    [TestCase(0.5, "0000")]
    [TestCase(1.5, "0002")]
    [TestCase(919.6, "0920")]
    [TestCase(-49.8, "-050")]
    [TestCase(-1234, "-1234")]
    [TestCase(12345, "12345")]
    public void Numbers_have_four_places_at_least(double reward, string expected)
    {
        Span<byte> characters = stackalloc byte[ScoreText.MaximumLength];
        int count = ScoreText.Format(reward, characters);
        string text = string.Concat(characters[..count].ToArray().Select(c => c == 10 ? "-" : c.ToString()));
        Assert.That(text, Is.EqualTo(expected));
    }

    [TestCase(0.0)]
    [TestCase(-99999.0)]
    public void Nothing_is_drawn_outside_the_numbers_rectangle(double reward)
    {
        Span<byte> characters = stackalloc byte[ScoreText.MaximumLength];
        characters = characters[..ScoreText.Format(reward, characters)];
        var pieces = new (int Left, int Right)[ScoreText.MaximumPieces];
        int drawn = 0;
        for (int y = ScoreText.Top; y < ScoreText.Bottom; y++)
        {
            foreach ((int left, int right) in pieces[..ScoreText.GetPieces(characters, y, pieces)])
            {
                Assert.That((left, right), Is.EqualTo((Math.Max(left, 0), Math.Min(right, ScoreText.Width - 1))));
                drawn += right - left + 1;
            }
        }

        Assert.That(drawn, Is.GreaterThan(400));
    }
}
