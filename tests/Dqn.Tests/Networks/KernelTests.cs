using Dqn.Networks;

namespace Dqn.Tests.Networks;

/// <summary>
/// Each kernel against its naive twin, on random shapes, for every instruction set that the machine has.
/// </summary>
public unsafe class KernelTests
{
    [Test]
    public void What_is_missing_is_the_builds_ahead_of_time_and_the_processors_otherwise()
    {
        Assert.That(KernelSet.Missing(InstructionSet.Vector256, aheadOfTime: false), Does.StartWith("This processor lacks Vector256"));
        Assert.That(
            KernelSet.Missing(InstructionSet.Vector256, aheadOfTime: true),
            Does.StartWith("This build or this processor lacks Vector256").And.Contain("<IlcInstructionSet>"));
    }

    private static IEnumerable<InstructionSet> Supported() =>
        Enum.GetValues<InstructionSet>().Where(set => set != InstructionSet.Best && KernelSet.IsSupported(set));

    [TestCaseSource(nameof(Supported))]
    public void Row_tiles(InstructionSet set)
    {
        KernelSet kernels = KernelSet.For(set);
        Random random = new(1);
        for (int trial = 0; trial < 500; trial++)
        {
            int rows = 1 + random.Next(3 * kernels.TileRows), vectors = 1 + random.Next(2);
            int width = vectors * kernels.Lanes, columns = random.Next(2) == 0 ? width : 1 + random.Next(width);
            int segments = 1 + random.Next(4), run = 1 + random.Next(70), segmentStride = run + random.Next(9);
            AlignedBuffer a = Fill(random, 4000), b = Fill(random, segments * run * width), c = Fill(random, 4000),
                bias = Fill(random, width);
            float[] before = c.Span.ToArray();
            nint[] rowsA = [.. Enumerable.Range(0, rows + kernels.TileRows).Select(_ => (nint)random.Next(500))];
            nint[] rowsC = [.. Enumerable.Range(0, rows).Select(row =>
                (nint)(row * 100 + random.Next(30)))];
            bool more = random.Next(2) == 0, biased = random.Next(2) == 0, rectify = random.Next(2) == 0;
            fixed (nint* pointerA = rowsA, pointerC = rowsC)
            {
                RowTile tile = new()
                {
                    A = a.Pointer,
                    RowsA = pointerA,
                    Segments = segments,
                    SegmentStride = segmentStride,
                    Run = run,
                    B = b.Pointer,
                    Vectors = vectors,
                    C = c.Pointer,
                    RowsC = pointerC,
                    Rows = rows,
                    ValidColumns = columns,
                    Ahead = random.Next(2) == 0 ? b.Pointer : null,
                    AheadStride = random.Next(17),
                    Bias = biased ? bias.Pointer : null,
                    Continue = more,
                    Rectify = rectify,
                };
                kernels.Multiply(tile);
            }

            double[] expected = Array.ConvertAll(before, v => (double)v);
            for (int row = 0; row < rows; row++)
                for (int column = 0; column < columns; column++)
                {
                    double sum = more ? before[rowsC[row] + column] : 0;
                    for (int k = 0; k < segments * run; k++)
                    {
                        double left = a.Pointer[rowsA[row] + k / run * segmentStride + k % run];
                        sum += left * b.Pointer[k * width + column];
                    }


                    sum += biased ? bias.Pointer[column] : 0;
                    expected[rowsC[row] + column] = rectify ? Math.Max(sum, 0) : sum;
                }

            Assert.That(c.Span.ToArray(), Is.EqualTo(expected).Within(5e-5), $"trial {trial}");
        }
    }

    [TestCaseSource(nameof(Supported))]
    public void Outer_tiles(InstructionSet set)
    {
        KernelSet kernels = KernelSet.For(set);
        Random random = new(2);
        for (int trial = 0; trial < 500; trial++)
        {
            int rows = 1 + random.Next(3 * kernels.TileRows), vectors = 1 + random.Next(2);
            int width = vectors * kernels.Lanes, columns = random.Next(2) == 0 ? width : 1 + random.Next(width);
            int groups = 1 + random.Next(5), count = 1 + random.Next(12), strideA = 1 + random.Next(20),
                strideB = columns + random.Next(40);
            int groupStride = random.Next(200), strideC = width + random.Next(5);
            AlignedBuffer a = Fill(random, 2000), b = Fill(random, groups * count * strideB), c = Fill(random, 1000);
            float[] before = c.Span.ToArray();
            bool more = random.Next(2) == 0;
            OuterTile tile = new()
            {
                A = a.Pointer,
                Groups = groups,
                GroupStrideA = groupStride,
                Count = count,
                StrideA = strideA,
                B = b.Pointer,
                StrideB = strideB,
                Vectors = vectors,
                C = c.Pointer,
                StrideC = strideC,
                Rows = rows,
                ValidColumns = columns,
                Continue = more,
            };
            kernels.MultiplyTransposed(tile);
            double[] expected = Array.ConvertAll(before, v => (double)v);
            for (int row = 0; row < rows; row++)
                for (int column = 0; column < columns; column++)
                {
                    double sum = more ? before[row * strideC + column] : 0;
                    for (int i = 0; i < groups * count; i++)
                    {
                        double left = a.Pointer[i / count * groupStride + i % count * strideA + row];
                        sum += left * b.Pointer[i * strideB + column];
                    }


                    expected[row * strideC + column] = sum;
                }

            Assert.That(c.Span.ToArray(), Is.EqualTo(expected).Within(5e-5), $"trial {trial}");
        }
    }

    [TestCaseSource(nameof(Supported))]
    public void Bytes_become_floats_as_a_division_by_255_rounds(InstructionSet set)
    {
        KernelSet kernels = KernelSet.For(set);
        byte[] bytes = [.. Enumerable.Range(0, 256 + 7).Select(i => (byte)i)];
        AlignedBuffer floats = new(bytes.Length);
        fixed (byte* source = bytes)
            kernels.ScaleBytes(source, bytes.Length, floats.Pointer);
        Assert.That(floats.Span.ToArray(), Is.EqualTo(bytes.Select(value => value / 255f)));
    }

    [TestCaseSource(nameof(Supported))]
    public void Sums_of_rows_and_masks(InstructionSet set)
    {
        KernelSet kernels = KernelSet.For(set);
        Random random = new(3);
        for (int trial = 0; trial < 100; trial++)
        {
            int rows = 1 + random.Next(50), columns = 1 + random.Next(80);
            AlignedBuffer values = Fill(random, rows * columns), sums = Fill(random, columns + 3),
                gates = Fill(random, rows * columns);
            float[] before = sums.Span.ToArray();
            bool add = random.Next(2) == 0;
            kernels.SumRows(values.Pointer, rows, columns, add, sums.Pointer);
            double[] expected = [.. before.Select((v, column) => column >= columns ? v
                : (add ? v : 0) + Enumerable.Range(0, rows).Sum(row => (double)values.Span[row * columns + column]))];
            Assert.That(sums.Span.ToArray(), Is.EqualTo(expected).Within(1e-5));

            gates.Span[random.Next(rows * columns)] = 0;
            values.Span[random.Next(rows * columns)] = float.NaN;
            float[] rectified = new float[rows * columns];
            fixed (float* destination = rectified)
                kernels.Rectify(values.Pointer, rows * columns, destination);
            Assert.That(rectified, Is.EqualTo(values.Span.ToArray().Select(value => MathF.Max(value, 0))));
            float[] masked = [.. values.Span.ToArray().Zip(gates.Span.ToArray(), (value, gate) =>
                gate > 0 ? value : 0)];
            kernels.Mask(gates.Pointer, rows * columns, values.Pointer);
            Assert.That(values.Span.ToArray(), Is.EqualTo(masked));
        }
    }

    [TestCaseSource(nameof(Supported))]
    public void RmsProp_steps(InstructionSet set)
    {
        KernelSet kernels = KernelSet.For(set);
        Random random = new(4);
        foreach ((bool centered, bool momentum) in new[] { (false, false), (true, false), (false, true), (true, true) })
        {
            int n = 3 * kernels.Lanes;
            AlignedBuffer g = Fill(random, n), v = Fill(random, n), m = Fill(random, n), b = Fill(random, n),
                p = Fill(random, n);
            foreach (ref float square in v.Span)
                square = 2 + square * square;
            double[] expectedV = new double[n], expectedM = new double[n], expectedB = new double[n],
                expectedP = new double[n];
            for (int i = 0; i < n; i++)
            {
                double gradient = g.Span[i] * 0.5;
                expectedV[i] = 0.9 * v.Span[i] + 0.1 * gradient * gradient;
                expectedM[i] = centered ? 0.9 * m.Span[i] + 0.1 * gradient : m.Span[i];
                double root = Math.Sqrt(expectedV[i] - (centered ? expectedM[i] * expectedM[i] : 0)) + 0.01;
                expectedB[i] = momentum ? 0.8 * b.Span[i] + gradient / root : b.Span[i];
                expectedP[i] = p.Span[i] - 0.25 * (momentum ? expectedB[i] : gradient / root);
            }

            kernels.RmsProp(
                new RmsPropStep(0.25f, 0.9f, 0.1f, 0.01f, 0.8f, 0.5f), g.Pointer, n, v.Pointer,
                centered ? m.Pointer : null,
                momentum ? b.Pointer : null, p.Pointer);
            Assert.That(v.Span.ToArray(), Is.EqualTo(expectedV).Within(1e-6));
            Assert.That(m.Span.ToArray(), Is.EqualTo(expectedM).Within(1e-6));
            Assert.That(b.Span.ToArray(), Is.EqualTo(expectedB).Within(2e-6));
            Assert.That(p.Span.ToArray(), Is.EqualTo(expectedP).Within(2e-6));
        }
    }

    [TestCaseSource(nameof(Supported))]
    public void Centered_RmsProp_survives_a_variance_that_rounding_makes_negative(InstructionSet set)
    {
        KernelSet kernels = KernelSet.For(set);
        int n = kernels.Lanes;
        AlignedBuffer g = new(n), v = new(n), m = new(n), p = new(n);
        g.Span.Fill(0.1f);
        for (int i = 0; i < 1000; i++)
        {
            kernels.RmsProp(
                new RmsPropStep(1e-4f, 0.9f, 0.1f, 1e-3f, 0, 1), g.Pointer, n, v.Pointer, m.Pointer, null, p.Pointer);
        }

        Assert.That(p.Span.ToArray(), Is.All.Not.NaN);
    }

    [TestCaseSource(nameof(Supported))]
    public void Adam_steps(InstructionSet set)
    {
        KernelSet kernels = KernelSet.For(set);
        Random random = new(5);
        int n = 3 * kernels.Lanes;
        AlignedBuffer g = Fill(random, n), m = Fill(random, n), v = Fill(random, n), p = Fill(random, n);
        foreach (ref float square in v.Span)
            square = 1 + square * square;
        double[] expectedV = new double[n], expectedM = new double[n], expectedP = new double[n];
        for (int i = 0; i < n; i++)
        {
            double gradient = g.Span[i] * 0.5;
            expectedM[i] = 0.9 * m.Span[i] + 0.1 * gradient;
            expectedV[i] = 0.99 * v.Span[i] + 0.01 * gradient * gradient;
            expectedP[i] = 0.75 * p.Span[i] - 0.25 * expectedM[i] / (Math.Sqrt(expectedV[i]) * 3 + 0.02);
        }

        kernels.Adam(
            new AdamStep(0.25f, 0.9f, 0.1f, 0.99f, 0.01f, 3, 0.02f, 0.5f, 0.75f), g.Pointer, n, m.Pointer, v.Pointer,
                p.Pointer);
        Assert.That(m.Span.ToArray(), Is.EqualTo(expectedM).Within(1e-6));
        Assert.That(v.Span.ToArray(), Is.EqualTo(expectedV).Within(1e-6));
        Assert.That(p.Span.ToArray(), Is.EqualTo(expectedP).Within(1e-6));
    }

    [Test]
    public void Sum_of_squares([Values(0, 1, 7, 8, 9, 1000)] int length)
    {
        AlignedBuffer values = Fill(new Random(6), length);
        Assert.That(SumOfSquares.Compute(values.Span),
            Is.EqualTo(values.Span.ToArray().Sum(v => (double)v * v)).Within(1e-12 * length));
    }

    [Test]
    public void Packing_goes_there_and_back_and_pads_with_zeros([ValueSource(nameof(Supported))] InstructionSet set)
    {
        KernelSet kernels = KernelSet.For(set);
        Random random = new(7);
        foreach (int outputs in new[] { 1, 5, 31, 32, 33, 64, 70 })
        {
            PackedWeight weight = new(outputs, 3, 2, 5, kernels);
            float[] values = Fill(random, outputs * 30).Span.ToArray(), back = new float[values.Length];
            AlignedBuffer packed = new(weight.Length);
            weight.Pack(values, packed.Span);
            weight.Unpack(packed.Span, back);
            Assert.That(back, Is.EqualTo(values));
            Assert.That(packed.Span.ToArray().Count(v => v == 0), Is.EqualTo(weight.Length - values.Length));
        }
    }

    private static AlignedBuffer Fill(Random random, int length)
    {
        AlignedBuffer buffer = new(length);
        foreach (ref float value in buffer.Span)
            value = 2 * random.NextSingle() - 1;
        return buffer;
    }
}
