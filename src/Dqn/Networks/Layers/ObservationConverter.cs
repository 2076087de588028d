namespace Dqn.Networks;

/// <summary>
/// Observations to floats: bytes divided by 255 (rounded as that division is), images from [channel, row, column] to
/// [row, column, channel] if a convolution comes first.
/// </summary>
internal sealed unsafe class ObservationConverter
{
    private readonly WorkerTeam _team;
    private readonly Action<int> _convert;
    private readonly bool _pixels;
    private readonly int _channels, _plane;
    private readonly float[] _table = new float[256];
    private byte* _observations;
    private float* _destination;

    public ObservationConverter(Sequential architecture, WorkerTeam team)
    {
        (_team, _pixels, _convert) = (team, architecture.Pixels, ConvertTask);
        bool image = architecture.Layers.First(layer => layer is Conv2d or Linear) is Conv2d;
        _channels = image ? architecture.ObservationShape[0] : 1;
        _plane = architecture.ObservationLength / _channels;
        for (int value = 0; value < _table.Length; value++)
            _table[value] = value / 255f;
    }

    /// <summary>[batch, observation bytes] to [batch, floats].</summary>
    public void Convert(ReadOnlySpan<byte> observations, int batch, float* destination)
    {
        fixed (byte* source = observations)
        {
            _observations = source;
            _destination = destination;
            _team.Run(batch, _convert);
        }
    }

    private void ConvertTask(int item)
    {
        int length = _channels * _plane;
        float* to = _destination + (nint)item * length;
        if (_pixels)
        {
            byte* from = _observations + (nint)item * length;
            fixed (float* table = _table)
                for (int channel = 0; channel < _channels; channel++)
                    for (int pixel = 0; pixel < _plane; pixel++)
                        to[(nint)pixel * _channels + channel] = table[*from++];
        }
        else
        {
            float* from = (float*)_observations + (nint)item * length;
            for (int channel = 0; channel < _channels; channel++)
                for (int pixel = 0; pixel < _plane; pixel++)
                    to[(nint)pixel * _channels + channel] = *from++;
        }
    }
}
