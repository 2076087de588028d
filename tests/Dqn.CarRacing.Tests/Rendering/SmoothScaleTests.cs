using Dqn.CarRacing;

namespace Dqn.Tests.CarRacing.Rendering;

public class SmoothScaleTests
{
    [Test]
    public void Three_pixels_become_two_by_hand()
    {
        // A destination pixel is 1 1/2 source pixels wide: 0x18000, reciprocal 0x100000000 / 0x18000 = 43690.
        // Red: (200 + (100 · 0x8000 >> 16)) · 43690 >> 16 = 250 · 43690 >> 16 = 166; (50 + 30) · 43690 >> 16 = 53.
        var rgb = new byte[6];
        SmoothScale.ShrinkRow([0xC80000, 0x640009, 0x1E00FF], rgb);
        Assert.That(rgb, Is.EqualTo(new byte[] { 166, 0, 2, 53, 0, 172 }));
    }

    [Test]
    public void One_colour_may_get_one_darker_and_never_brighter([Values(0, 1, 102, 204, 230, 255)] int value)
    {
        var row = new uint[Camera.Width];
        row.AsSpan().Fill((uint)value * 0x10101);
        var rgb = new byte[96 * 3];
        SmoothScale.ShrinkRow(row, rgb);
        Assert.Multiple(() =>
        {
            Assert.That(rgb, Has.All.InRange(Math.Max(value - 1, 0), value));
            for (int cell = 0; cell < 96; cell++)
                Assert.That(ColumnFilter.Average(cell, value), Is.EqualTo(rgb[cell * 3 + 1]), $"cell {cell}");
        });
    }

    [Test]
    public void Cells_share_their_outer_pixels()
    {
        Assert.Multiple(() =>
        {
            Assert.That(ColumnFilter.First[0], Is.Zero);
            Assert.That(ColumnFilter.Last[^1], Is.EqualTo(Camera.Width - 1));
            for (int cell = 1; cell < ColumnFilter.Cells; cell++)
            {
                Assert.That(ColumnFilter.First[cell], Is.EqualTo(ColumnFilter.Last[cell - 1]));
                Assert.That(ColumnFilter.FirstWeight[cell] + ColumnFilter.LastWeight[cell - 1], Is.EqualTo(65536));
                Assert.That(
                    ColumnFilter.Last[cell] - ColumnFilter.First[cell] + 1, Is.InRange(11, ColumnFilter.MaximumPixels));
            }
        });
    }

    [Test]
    public void Rows_of_the_picture_follow_each_other()
    {
        Assert.Multiple(() =>
        {
            for (int y = 1; y < RowFilter.Rows; y++)
            {
                int between = RowFilter.First[y - 1] + RowFilter.Whole[y - 1];
                Assert.That(RowFilter.First[y], Is.EqualTo(between + 1));
                Assert.That(RowFilter.WeightAfter[y - 1] + RowFilter.WeightBefore[y], Is.EqualTo(65536));
            }

            Assert.That(RowFilter.First[^1] + RowFilter.Whole[^1], Is.EqualTo(Camera.Height - 1));
        });
    }
}
