namespace Dqn.CarRacing;

internal sealed unsafe partial class CellBand
{
    /// <summary>Draws the panel into a band that consists of the panel's rows.</summary>
    public void DrawPanel(Scene scene)
    {
        ReserveBlocks();
        Span<IndicatorBar> bars = stackalloc IndicatorBar[Indicators.MaximumBars];
        bars = bars[..Indicators.GetBars(scene, bars)];
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
            uint* row = Row(Camera.Height - 1 - y);
            if (!changes[y])
            {
                CopyCells(row, row - Cells, Cells);
                continue;
            }

            int block = _blockCount;
            foreach (ref readonly IndicatorBar bar in bars)
                if (y >= bar.Top && y <= bar.Bottom)
                    FillClipped(Camera.Height - 1 - y, bar.Left, bar.Right, CanvasColor.OfBar(bar));
            if (y is >= ScoreText.Top and < ScoreText.Bottom)
                foreach ((int left, int right) in pieces[..ScoreText.GetPieces(characters, y, pieces)])
                    FillSpan(Camera.Height - 1 - y, left, right, CanvasColor.White);
            Resolve(block);
        }
    }
}
