using Dqn.Networks;

namespace Dqn.Tests.Networks;

public unsafe class TranspositionTests
{
    [Test]
    public void RowsBecomeColumnsAndNothingElseIsTouched(
        [Values(1, 3, 4, 7, 32)] int rows, [Values(1, 2, 4, 5, 33)] int columns, [Values(0, 3)] int gap)
    {
        int sourceStride = columns + gap, stride = rows + gap;
        float[] source = [.. Enumerable.Range(1, rows * sourceStride).Select(i => (float)i)];
        var destination = new float[columns * stride];
        Array.Fill(destination, -1);
        fixed (float* from = source, to = destination)
            Transposition.Run(from, sourceStride, rows, columns, to, stride);

        for (int column = 0; column < columns; column++)
            for (int row = 0; row < stride; row++)
            {
                float expected = row < rows ? source[row * sourceStride + column] : -1;
                Assert.That(destination[column * stride + row], Is.EqualTo(expected), $"[{column}, {row}]");
            }
    }
}
