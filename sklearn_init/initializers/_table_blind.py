"""Rows of the table: schemes by formula, most of which never look at the data."""

from sklearn_init.initializers._critical import Critical, DoublyCritical
from sklearn_init.initializers._degenerate import (
    LayerConstant,
    MirroredPairs,
    RandomBiases,
    TiedColumns,
    ZeroOutput,
)
from sklearn_init.initializers._fixed import (
    Cauchy,
    Constant,
    Normal,
    Rademacher,
    TruncatedNormal,
    Uniform,
)
from sklearn_init.initializers._hadamard import HadamardSigns, ZeroHadamard
from sklearn_init.initializers._historic import KimRa, Scawi
from sklearn_init.initializers._identity import Identity
from sklearn_init.initializers._looks_linear import LooksLinear
from sklearn_init.initializers._nguyen_widrow import Matlab
from sklearn_init.initializers._orthogonal import Orthogonal
from sklearn_init.initializers._presets import H2O, Sklearn, Torch, UniformWithBiases
from sklearn_init.initializers._quasi_random import QuasiRandom
from sklearn_init.initializers._row import Row
from sklearn_init.initializers._scaling import VarianceScaling
from sklearn_init.initializers._sinusoidal import Sinusoidal
from sklearn_init.initializers._siren import Siren
from sklearn_init.initializers._sparse import Sparse

LECUN = "LeCun, Bottou, Orr, Müller 1998"
GLOROT = "Glorot, Bengio 2010"
HE = "He, Zhang, Ren, Sun 2015, arXiv:1502.01852"
WESSELS = "Wessels, Barnard 1992; Boers, Kuiper 1992"
AUTOINIT = "Bingham, Miikkulainen 2023, arXiv:2109.08958"
SITZMANN = "Sitzmann et al. 2020, arXiv:2006.09661"
POOLE = "Poole et al. 2016, arXiv:1606.05340; Schoenholz et al. 2017, arXiv:1611.01232"

DEGENERATE = {
    "zeros": Row(Constant(0.0), "W = 0", "to see why it fails; biases", "folklore"),
    "ones": Row(Constant(1.0), "W = 1", "to see why it fails", "folklore"),
    "constant": Row(Constant(), "W = 0.1", "to see why it fails; biases", "folklore"),
    "layer_constant_random": Row(
        LayerConstant(), "W = c, c ~ N(0, 1) per layer", "to see why it fails", "folklore"
    ),
    "tied_columns": Row(
        TiedColumns(),
        "equal columns N(0, 1/n); then one number N(0, 1/n^2), in the output one per column",
        "to see symmetry apart from scale",
        "Rumelhart, Hinton, Williams 1986, on symmetry",
    ),
    "positive_uniform": Row(Uniform(0.0, 1.0), "U(0, 1)", "to see why it fails", "folklore"),
    "zero_weights_random_bias": Row(
        RandomBiases(), "W = 0, b ~ U(-0.05, 0.05)", "to see biases break symmetry", "folklore"
    ),
    "zero_output": Row(
        ZeroOutput(),
        "N(0, g^2/n); output W = 0",
        "any; a start that predicts one number",
        "Holzmüller, Grinsztajn, Steinwart 2024, arXiv:2407.04491",
    ),
    "mirrored_pairs": Row(
        MirroredPairs(),
        "last hidden layer [W0, W0], output [v0, -v0]",
        "any; a start that is zero",
        "Chizat, Oyallon, Bach 2019, arXiv:1812.07956",
    ),
}

FIXED_SCALE = {
    "normal": Row(Normal(), "N(0, 0.05^2)", "small networks", "Keras' RandomNormal"),
    "uniform": Row(Uniform(), "U(-0.05, 0.05)", "small networks", "Keras' RandomUniform"),
    "truncated_normal": Row(
        TruncatedNormal(), "N(0, 0.05^2) cut at +-0.1", "small networks", "Keras' TruncatedNormal"
    ),
    "normal_0.01": Row(Normal(0.01), "N(0, 0.01^2)", "one hidden layer", "textbooks"),
    "normal_0.001": Row(Normal(0.001), "N(0, 0.001^2)", "one hidden layer", "textbooks"),
    "thimm_fiesler": Row(
        Uniform(-0.77, 0.77), "U(+-0.77)", "logistic, few inputs", "Thimm, Fiesler 1997"
    ),
    "esl": Row(
        Uniform(-0.7, 0.7),
        "U(+-0.7)",
        "logistic, few standardized inputs",
        "Hastie, Tibshirani, Friedman 2009, 11.5.3",
    ),
    "rademacher": Row(Rademacher(), "+-0.05", "to see what tails do", "folklore"),
    "cauchy": Row(Cauchy(), "Cauchy of scale 0.01", "to see what tails do", "folklore"),
}

VARIANCE_SCALING = {
    "lecun_normal": Row(VarianceScaling(1.0, "fan_in", "normal"), "N(0, 1/n)", "selu", LECUN),
    "lecun_uniform": Row(
        VarianceScaling(1.0, "fan_in", "uniform"), "U(+-sqrt(3/n))", "tanh, identity", LECUN
    ),
    "glorot_normal": Row(
        VarianceScaling(1.0, "fan_avg", "normal"), "N(0, 2/(n+m))", "tanh", GLOROT
    ),
    "glorot_uniform": Row(
        VarianceScaling(1.0, "fan_avg", "uniform"), "U(+-sqrt(6/(n+m)))", "tanh", GLOROT
    ),
    "he_normal": Row(VarianceScaling(2.0, "fan_in", "normal"), "N(0, 2/n)", "relu", HE),
    "he_uniform": Row(VarianceScaling(2.0, "fan_in", "uniform"), "U(+-sqrt(6/n))", "relu", HE),
    "he_truncated_normal": Row(
        VarianceScaling(2.0, "fan_in", "truncated_normal"),
        "N(0, v) cut at +-2 sqrt(v), of variance 2/n after the cut",
        "relu",
        "Keras' and JAX's he_normal",
    ),
    "glorot_truncated_normal": Row(
        VarianceScaling(1.0, "fan_avg", "truncated_normal"),
        "N(0, v) cut at +-2 sqrt(v), of variance 2/(n+m) after the cut",
        "tanh",
        "Keras' and JAX's glorot_normal",
    ),
    "he_leaky_0.2": Row(
        VarianceScaling(2 / 1.04), "N(0, 2/(1+a^2)/n), a = 0.2", "leaky relu of slope 0.2", HE
    ),
    "he_normal_fan_out": Row(
        VarianceScaling(2.0, "fan_out", "normal"), "N(0, 2/m)", "relu; keeps gradients", HE
    ),
    "he_uniform_fan_out": Row(
        VarianceScaling(2.0, "fan_out", "uniform"), "U(+-sqrt(6/m))", "relu; keeps gradients", HE
    ),
    "he_rademacher": Row(
        VarianceScaling(2.0, "fan_in", "rademacher"), "+-sqrt(2/n)", "relu, to see tails", HE
    ),
    "he_laplace": Row(
        VarianceScaling(2.0, "fan_in", "laplace"),
        "Laplace of variance 2/n",
        "relu, to see tails",
        HE,
    ),
    "he_student_t": Row(
        VarianceScaling(2.0, "fan_in", "student_t"),
        "Student's t, 5 degrees of freedom, of variance 2/n",
        "relu, to see tails",
        HE,
    ),
    "xavier_uniform": Row(
        VarianceScaling(1.0, "fan_avg", "uniform"), "as glorot_uniform", "tanh", GLOROT
    ),
    "xavier_normal": Row(
        VarianceScaling(1.0, "fan_avg", "normal"), "as glorot_normal", "tanh", GLOROT
    ),
    "kaiming_uniform": Row(VarianceScaling(2.0, "fan_in", "uniform"), "as he_uniform", "relu", HE),
    "kaiming_normal": Row(VarianceScaling(2.0, "fan_in", "normal"), "as he_normal", "relu", HE),
    "selu": Row(
        VarianceScaling(1.0, "fan_in", "normal"),
        "N(0, 1/n)",
        "selu",
        "Klambauer et al. 2017, arXiv:1706.02515",
    ),
    "glorot_sigmoid4": Row(
        VarianceScaling(16.0, "fan_avg", "uniform"),
        "U(+-4 sqrt(6/(n+m)))",
        "logistic",
        "Theano's tutorials; 4 = 1/phi'(0)",
    ),
    "haykin": Row(
        VarianceScaling(1.0, "fan_in", "uniform"),
        "U(+-sqrt(3/n))",
        "tanh",
        "Haykin, Neural networks, chapter 4",
    ),
    "bottou": Row(
        VarianceScaling(2.38**2 / 3, "fan_in", "uniform"),
        "U(+-2.38/sqrt(n))",
        "tanh",
        "Bottou 1988",
    ),
    "wessels_barnard": Row(
        VarianceScaling(3.0, "fan_in", "uniform"), "U(+-3/sqrt(n))", "logistic", WESSELS
    ),
    "boers_kuiper": Row(
        VarianceScaling(3.0, "fan_in", "uniform"), "as wessels_barnard", "logistic", WESSELS
    ),
    "scawi": Row(
        Scawi(),
        "W, b ~ U(+-1.3/sqrt(1 + n v^2)), v^2 the mean square of the inputs; 0.3 in the output",
        "tanh, inputs of any scale",
        "Drago, Ridella 1992",
    ),
    "kim_ra": Row(
        KimRa(), "+-U(1, 2) sqrt(0.1/n)", "logistic", "Kim, Ra 1991: no weight is too small"
    ),
    "autoinit": Row(VarianceScaling("auto"), "N(0, g^2/n), g^2 = 1/E[phi^2]", "any", AUTOINIT),
    "autoinit_centered": Row(
        VarianceScaling("centered"),
        "N(0, g^2/n), g^2 = 1/Var[phi]",
        "any, with bias_init='compensated'",
        AUTOINIT,
    ),
    "siren": Row(
        Siren(),
        "U(+-30/n), then U(+-sqrt(6/n)), output U(+-sqrt(6/n)/30); "
        "b ~ U(+-30/sqrt(n)), output U(+-1/sqrt(n))",
        "sine, fine detail",
        SITZMANN,
    ),
    "siren_w0_1": Row(
        Siren(1.0), "U(+-1/n), then U(+-sqrt(6/n)); b ~ U(+-1/sqrt(n))", "sine", SITZMANN
    ),
    "critical": Row(
        Critical(),
        "N(0, s_w^2/n), b ~ N(0, s_b^2), critical and stable",
        "deep networks of any but logistic, softplus",
        POOLE,
    ),
    "critical_k0": Row(
        Critical(0.0), "N(0, s_w^2/n), critical without biases", "deep tanh, relu", POOLE
    ),
    "critical_ryh": Row(
        DoublyCritical(),
        "N(0, s_w^2/n), b ~ N(0, s_b^2), doubly critical",
        "deep gelu, silu, mish",
        "Roberts, Yaida, Hanin 2022, arXiv:2106.10165",
    ),
}

PRESETS = {
    "matlab": Row(
        Matlab(), "nguyen_widrow, else W, b ~ U(-1, 1)", "saturating units", "MATLAB's initnw"
    ),
    "sklearn": Row(
        Sklearn(),
        "W, b ~ U(+-sqrt(6/(n+m))), sqrt(2/(n+m)) with logistic",
        "the default",
        "scikit-learn",
    ),
    "torch": Row(Torch(), "W, b ~ U(+-1/sqrt(n))", "shallow networks", "torch.nn.Linear"),
    "keras": Row(
        VarianceScaling(1.0, "fan_avg", "uniform"), "U(+-sqrt(6/(n+m)))", "tanh", "Keras' Dense"
    ),
    "flax": Row(
        VarianceScaling(1.0, "fan_in", "truncated_normal"),
        "N(0, 1/n), cut at 2.27/sqrt(n)",
        "selu, identity",
        "Flax' Dense",
    ),
    "weka": Row(
        UniformWithBiases(0.05),
        "W, b ~ U(+-0.05)",
        "small networks",
        "Weka's MultilayerPerceptron",
    ),
    "nnet": Row(UniformWithBiases(0.7), "W, b ~ U(+-0.7)", "few standardized inputs", "R's nnet"),
    "h2o": Row(
        H2O(),
        "U(+-sqrt(6/(n+m))), 4 times that in a classifier's output; b = 0.5, then 1, if relu",
        "relu",
        "H2O's UniformAdaptive",
    ),
}

STRUCTURED = {
    "orthogonal": Row(
        Orthogonal(), "W.T @ W = I or W @ W.T = I", "deep tanh", "Saxe 2014, arXiv:1312.6120"
    ),
    "orthogonal_auto": Row(
        Orthogonal("auto"),
        "W.T @ W = g^2 I or W @ W.T = g^2 I",
        "deep networks of any activation",
        "Saxe 2014, arXiv:1312.6120",
    ),
    "identity": Row(
        Identity(), "W = eye(n, m)", "identity, deep narrow networks", "Keras' Identity"
    ),
    "identity_noise": Row(
        Identity(wrap="inputs", noise=0.085),
        "[i mod m = j] + N(0, 0.085^2/n)",
        "deep and narrow tanh",
        "Lee, Choi, Kim 2025, arXiv:2410.02242",
    ),
    "idinit": Row(
        Identity(wrap="both", noise=1e-6),
        "[i = j mod min(n, m)] + N(0, 1e-12/n)",
        "relu, with momentum",
        "Pan et al. 2025, arXiv:2503.04626",
    ),
    "zero_hadamard": Row(
        ZeroHadamard(),
        "eye(n, m) if m <= n, else H[:n, :m] / sqrt(p), p = 2^ceil(log2 m)",
        "relu; no chance",
        "Zhao, Schäfer, Anandkumar 2022, arXiv:2110.12661",
    ),
    "hadamard_signs": Row(
        HadamardSigns(),
        "+-g/sqrt(max(n, m)), rows and columns of H_p, random signs",
        "as orthogonal, cheaper",
        "folklore: randomized Hadamard transforms",
    ),
    "looks_linear": Row(
        LooksLinear(),
        "[[W0, -W0], [-W0, W0]], W0 orthogonal",
        "deep relu",
        "Balduzzi et al. 2017, arXiv:1702.08591",
    ),
    "sparse": Row(
        Sparse(),
        "15 of n are N(0, 1), others 0; b = 0.5 with tanh",
        "wide inputs",
        "Martens 2010",
    ),
    "sinusoidal": Row(
        Sinusoidal(),
        "W[j, i-1] = A sin(2 pi i (j/n + 1/m)), variance g^2/n",
        "relu; no chance",
        "Fernández-Hernández et al. 2025, arXiv:2505.12909",
    ),
    "sobol": Row(
        QuasiRandom("sobol"),
        "N(0, g^2/n), Sobol points",
        "as he_normal, few units",
        "Miranskyy, Sorrenti, Thakar 2024, arXiv:2408.02654",
    ),
    "halton": Row(
        QuasiRandom("halton"),
        "N(0, g^2/n), Halton points",
        "as he_normal, few inputs and units",
        "after Miranskyy, Sorrenti, Thakar 2024, arXiv:2408.02654",
    ),
    "latin_hypercube": Row(
        QuasiRandom("latin_hypercube"),
        "N(0, g^2/n), Latin hypercube",
        "as he_normal, few units",
        "after Miranskyy, Sorrenti, Thakar 2024, arXiv:2408.02654",
    ),
}
