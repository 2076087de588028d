namespace Dqn.Environments.CarRacing;

internal sealed unsafe partial class CellCanvas
{
    /// <summary>Draws the panel, and what its bars cover of the picture above it. Comes last.</summary>
    /// <param name="scene">What the bars and the number show.</param>
    /// <param name="picture">Whether only what reaches into the picture above is wanted.</param>
    public void DrawPanel(Scene scene, bool picture)
    {
        ReserveBlocks();
        Span<IndicatorBar> buffer = stackalloc IndicatorBar[Indicators.MaximumBars];
        ReadOnlySpan<IndicatorBar> bars = buffer[..Indicators.GetBars(scene, buffer)];
        foreach (ref readonly IndicatorBar bar in bars)
            for (int y = Math.Max(bar.Top, 0); y < Math.Min(bar.Bottom + 1, Indicators.Top); y++)
                DrawBar(y, bar);
        if (picture)
            return;

        Span<byte> characters = stackalloc byte[ScoreText.MaximumLength];
        characters = characters[..ScoreText.Format(scene.Reward, characters)];

        // Rows in which nothing begins or ends are their predecessors' copies.
        Span<bool> changes = stackalloc bool[Camera.Height + 1];
        changes.Clear();
        changes[Indicators.Top] = true;
        foreach (ref readonly IndicatorBar bar in bars)
        {
            changes[Math.Clamp(bar.Top, 0, Camera.Height)] = true;
            changes[Math.Clamp(bar.Bottom + 1, 0, Camera.Height)] = true;
        }

        for (int y = ScoreText.Top; y <= ScoreText.Bottom; y += ScoreText.Dot)
            changes[y] = true;

        Span<(int Left, int Right)> pieces = stackalloc (int Left, int Right)[ScoreText.MaximumPieces];
        for (int y = Indicators.Top; y < Camera.Height; y++)
        {
            var row = new Span<uint>(_cells + y * Cells, Cells);
            if (!changes[y])
            {
                new Span<uint>(_cells + (y - 1) * Cells, Cells).CopyTo(row);
                continue;
            }

            int block = _blockCount;
            new Span<uint>(_averages + CanvasColor.Black * Cells, Cells).CopyTo(row);
            foreach (ref readonly IndicatorBar bar in bars)
                if (y >= bar.Top && y <= bar.Bottom)
                    DrawBar(y, bar);
            if (y is >= ScoreText.Top and < ScoreText.Bottom)
                foreach ((int left, int right) in pieces[..ScoreText.GetPieces(characters, y, pieces)])
                    FillSpan(Camera.Height - 1 - y, left, right, CanvasColor.White);
            Resolve(block);
        }
    }

    private void DrawBar(int pictureRow, in IndicatorBar bar)
    {
        int color = bar.Color switch
        {
            Indicators.SpeedColor => CanvasColor.White,
            Indicators.FrontColor => CanvasColor.Blue,
            Indicators.RearColor => CanvasColor.Violet,
            Indicators.SteeringColor => CanvasColor.Green,
            _ => CanvasColor.Red,
        };
        FillClipped(Camera.Height - 1 - pictureRow, bar.Left, bar.Right, color);
    }
}
